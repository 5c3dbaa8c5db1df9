"""Whose words a question asks for, and a refusal where nobody near it reports any."""

from __future__ import annotations

from pathlib import Path

import pytest

from index import Index, refresh_index
from index.reader import parse_article
from index.segment import segment
from qa import Sanad
from qa.said import unheard, whose_words
from qa.speaker import speaker_of

COUNCIL = (
    "The council in Ghent will close two bridges in May.\n"
    "Mayor Lena Claes said the bridges are safe for now, and Joris Smet answered that they are old.\n"
    "Lena Claes will meet the engineer Tariq Haddad in April. Sofie Maes: we were never asked.\n"
)
PORT = (
    "أكدت مديرة الميناء هدى صبري أن الأرصفة الجديدة جاهزة، بعدما قال سامر قاسم إنها متأخرة.\n"
    "وستلتقي هدى صبري المهندس طارق حداد في نيسان.\n"
)
TALKS = "Macron came to Ghent on Monday.\nHe said the talks were useful.\n"
OFFICE = "Macron came to Ghent on Monday.\nThe French president said the talks were useful.\n"
ARABIC_TALKS = "وصل ماكرون إلى غنت صباح الإثنين.\nوقال إن المحادثات مفيدة.\n"
HAD_SAID = "وكان ماكرون قد قال إن المحادثات مفيدة.\n"
COMPANY = "Solvex opened a plant in Ghent.\nThe company announced that it will hire 300 people.\n"


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("What did Lena Claes say about the bridges?", "Lena Claes"),
        ("What else has Mohammed bin Salman already told reporters?", "Mohammed bin Salman"),
        ("What was Kim Jong Un's answer to the letter?", "Kim Jong Un"),
        ("What did Ursula von der Leyen say?", "Ursula von der Leyen"),
        ("What did Conan O'Neill say?", "Conan O'Neill"), ("What did Özgür Özel say?", "Özgür Özel"),
        ("What did Prime Minister Takaichi say?", "Prime Minister Takaichi"),
        ("ماذا قالت هدى صبري عن الأرصفة؟", "هدى صبري"), ("وماذا قال إلهام علييف عن الأرصفة؟", "إلهام علييف"),
        ("ما الذي قاله سامر قاسم بشأن التأخير؟", "سامر قاسم"), ("ماذا قال أحمد الشرع؟", "أحمد الشرع"),
        ("ما تعليق شي جين بينغ على الوثيقة؟", "شي جين بينغ"), ("ماذا قال شي لترامب؟", "شي"),
        ("ماذا قال طارق حداد ردا على الميناء؟", "طارق حداد"),
    ],
)  # fmt: skip
def test_the_name_is_that_of_whom_the_question_quotes(question: str, name: str) -> None:
    assert whose_words(question) == name


@pytest.mark.parametrize(
    "question",
    [
        "What did the mayor say about the bridges?",  # an office may be told by a name
        "What did Beijing announce?", "ماذا أعلنت بكين عن القيود؟",  # a capital by its government
        "What did Japan say about the bridges?", "ماذا أعلنت تل أبيب عن القيود؟",
        "What did NATO say?",  # an abbreviation is translated
        "According to Trump, why did it fail?",  # by him, and perhaps not in his words
        "What did Lena Claes open in Ghent?", "What are Solvex's financial statements?",
        "ماذا قال الرئيس عن الأرصفة؟", "ماذا قالت وزيرة النقل عن الأرصفة؟", "ماذا قال محللون عن الأرصفة؟",
        "ما سبب التأخير بحسب بيان الميناء؟", "ما عدد السكان حسب تعداد 2020؟", "ماذا قال 2020؟",
        "ماذا افتتحت هدى صبري في الميناء؟",
    ],
)  # fmt: skip
def test_other_questions_quote_nobody(question: str) -> None:
    assert whose_words(question) == ""


@pytest.mark.parametrize(
    ("question", "text", "name"),
    [
        ("What did Lena Claes say about the bridges?", COUNCIL, ""),
        ("What did Tariq Haddad say about the bridges?", COUNCIL, "Tariq Haddad"),
        ("ماذا قال طارق حداد عن الجسور؟", COUNCIL, "طارق حداد"),  # across scripts
        ("What did Joris Smet say?", COUNCIL, ""),  # in a clause of its own
        ("What did Sofie Maes say?", COUNCIL, ""),  # before a colon
        ("What did Ursula Brandt say about the bridges?", COUNCIL, ""),  # nobody mentions her: perhaps spelled otherwise
        ("ماذا قالت هدى صبري عن الأرصفة؟", PORT, ""), ("ماذا قال سامر قاسم عن الأرصفة؟", PORT, ""),
        ("ماذا قال طارق حداد عن الأرصفة؟", PORT, "طارق حداد"),
        ("What did Engineer Tariq Haddad say about the docks?", PORT, ""),  # "Engineer" is not found there
        ("What did Professor Tariq Haddad say about the docks?", PORT, "Professor Tariq Haddad"),
        ("What did Samer Qasim say about the docks?", PORT, ""),
        ("What did Macron say about the talks?", TALKS, ""), ("What did Macron say about the talks?", OFFICE, ""),
        ("What did Macron say about the talks?", ARABIC_TALKS, ""), ("ماذا قال ماكرون عن المحادثات؟", HAD_SAID, ""),
        ("What did Solvex announce?", COMPANY, ""),
    ],
)  # fmt: skip
def test_only_who_is_mentioned_and_cannot_be_quoted_is_unheard(question: str, text: str, name: str) -> None:
    passages = segment(parse_article("one.txt", text.encode()))
    assert unheard(question, passages, lambda _: passages, lambda passage: speaker_of(passage, passages)) == name


def test_an_answer_does_not_pass_what_others_say_of_somebody_for_their_words(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "bridges.txt").write_text(COUNCIL, encoding="utf-8")
    refresh_index(tmp_path / "corpus", tmp_path / "index")
    sanad = Sanad(Index.open(tmp_path / "index"), None)
    refused = sanad.ask("What did Tariq Haddad say about the bridges?")
    assert not refused.answered
    assert "any words of Tariq Haddad" in " ".join(refused.notes)
    assert sanad.ask("What did Lena Claes say about the bridges?").answered
