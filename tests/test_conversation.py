"""Follow-up questions are completed by rules, and what stands alone is left alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qa import Conversation, Sanad
from qa.conversation import complete
from qa.parts import parts


@pytest.mark.parametrize(
    ("question", "previous", "completed"),
    [
        ("and when?", "Where did Anna Lund and Omar Nasser meet?", "When did Anna Lund and Omar Nasser meet?"),
        ("ومتى؟", "أين اجتمع الوزيران؟", "متى اجتمع الوزيران؟"),
        ("ولماذا؟", "متى ألغت الشركة الرحلة؟", "لماذا ألغت الشركة الرحلة؟"),
        ("In which city?", "When did the two sides last meet?", "In which city did the two sides last meet?"),
        ("what about China?", "What did Japan announce about exports?", "What did China announce about exports?"),
        ("ماذا عن الصين؟", "ماذا أعلنت اليابان عن الصادرات؟", "ماذا أعلنت الصين عن الصادرات؟"),
        ("What about Anna Lund?", "What did Omar Nasser say?", "What did Anna Lund say?"),
        ("What did he say about trade?", "Where did Omar Nasser go?", "What did Omar Nasser say about trade?"),
        ("What did they sign?", "Where did Lund and Nasser meet?", "What did they sign (Lund Nasser meet)?"),
        ("كم عددهم؟", "من اختطفت كوريا الشمالية؟", "كم عددهم (اختطفت كوريا الشمالية)؟"),
        ("What about the economy?", "What did Macron say on Monday?", "the economy (Macron say Monday)?"),
        ("What about in Germany?", "How many refugees are in France?", "How many refugees are in Germany?"),
        ("What about 2023?", "How many tourists came in 2022?", "How many tourists came in 2023?"),
        (
            "Did they agree?",
            "What did China and Japan discuss in Beijing?",
            "Did they agree (China Japan discuss Beijing)?",
        ),
        ("Who is her husband?", "Who is Angela Merkel?", "Who is her husband (Angela Merkel)?"),
        ("Where was he born?", "Who met in Tokyo?", "Where was he born (met Tokyo)?"),
        ("بالنسبة للصين؟", "ماذا أعلنت اليابان عن الصادرات؟", "ماذا أعلنت الصين عن الصادرات؟"),
    ],
)
def test_a_follow_up_is_completed(question: str, previous: str, completed: str) -> None:
    assert complete(question, previous) == completed


@pytest.mark.parametrize(
    ("question", "previous"),
    [
        ("How many people did North Korea abduct?", "Where did Anna Lund go?"),
        ("ما هي عاصمة البرازيل؟", "من هو عمر ناصر؟"),
        ("من هو وزير المالية؟", "أين اجتمع الوزيران؟"),
        ("What is the golf club supposed to symbolise?", "Who met in Tokyo?"),
        ("and when?", ""),
        ("Thanks", "What did Hamas say?"),
        ("Nuclear talks", "Who is Angela Merkel?"),
        ("شكرا", "من هو الرئيس؟"),
        ("?", "Who is Angela Merkel?"),
        ("and", "Who is Angela Merkel?"),
        ("What about?", "Who is Angela Merkel?"),
        ("What about him?", "Where did Omar Nasser go?"),
        ("ماذا عن؟", "من هو الرئيس؟"),
        ("When?", "When?"),
        ("", "Who met in Tokyo?"),
    ],
)
def test_a_question_that_stands_alone_is_left_alone(question: str, previous: str) -> None:
    assert complete(question, previous) == ""


def test_a_conversation_shows_how_it_read_each_question(corpus_index: Path) -> None:
    talk = Conversation(Sanad.open(corpus_index, "none"))
    first = talk.ask("متى اعترفت كوريا الشمالية بخطف يابانيين؟")
    second = talk.ask("وكم عددهم؟")
    assert first.asked_as == ""
    assert second.question == "وكم عددهم؟"
    assert second.asked_as.startswith("كم عددهم (اعترفت كوريا الشمالية")
    assert "13" in " ".join(claim.text for claim in second.claims)
    assert json.loads(json.dumps(second.to_dict()))["asked_as"] == second.asked_as


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("How many were hurt and how many died?", ["How many were hurt", "how many died"]),
        ("متى وصل الوفد، وكم يوماً بقي؟", ["متى وصل الوفد", "كم يوماً بقي"]),
        ("When and in which city did they meet?", ["When", "in which city did they meet"]),
        ("What did Lund and Nasser sign?", ["What did Lund and Nasser sign"]),
        ("ماذا قال الوزير والسفير؟", ["ماذا قال الوزير والسفير"]),
    ],
)
def test_the_parts_of_a_question(question: str, asked: list[str]) -> None:
    assert parts(question) == asked
