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
    "Mayor Lena Claes said the bridges are safe for now.\n"
    "Lena Claes will meet the engineer Tariq Haddad in April. Sofie Maes: we were never asked.\n"
)
PORT = (
    "أكدت مديرة الميناء هدى صبري أن الأرصفة الجديدة جاهزة، بعدما قال سامر قاسم إنها متأخرة.\n"
    "وستلتقي هدى صبري المهندس طارق حداد في نيسان.\n"
)


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("What did Lena Claes say about the bridges?", "Lena Claes"),
        ("What else has Mohammed bin Salman already told reporters?", "Mohammed bin Salman"),
        ("What was Kim Jong Un's answer to the letter?", "Kim Jong Un"),
        ("According to Macron, why did it fail?", "Macron"),
        ("ماذا قالت هدى صبري عن الأرصفة؟", "هدى صبري"),
        ("ما الذي قاله سامر قاسم بشأن التأخير؟", "سامر قاسم"),
        ("ما تعليق شي جين بينغ على الوثيقة؟", "شي جين بينغ"),
        ("وفي رأيك، بحسب طارق حداد، متى تفتح؟", "طارق حداد"),
    ],
)
def test_the_name_is_that_of_whom_the_question_quotes(question: str, name: str) -> None:
    assert whose_words(question) == name


@pytest.mark.parametrize(
    "question",
    [
        "What did the mayor say about the bridges?",  # an office may be told by a name
        "What did Beijing announce?",  # a capital by its government
        "ماذا أعلنت بكين عن القيود؟",
        "What did Japan say about the bridges?",
        "What did NATO say?",  # an abbreviation is translated
        "According to Trump officials, why did it fail?",
        "What did Lena Claes open in Ghent?",
        "ماذا قال الرئيس عن الأرصفة؟",
        "ماذا قالت وزيرة النقل عن الأرصفة؟",
        "ما الأدوات بحسب بيان الميناء؟",
        "ماذا افتتحت هدى صبري في الميناء؟",
    ],
)
def test_other_questions_quote_nobody(question: str) -> None:
    assert whose_words(question) == ""


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("What did Lena Claes say about the bridges?", ""),
        ("What did Tariq Haddad say about the bridges?", "Tariq Haddad"),
        ("ماذا قال طارق حداد عن الجسور؟", "طارق حداد"),  # across scripts
        ("What did Sofie Maes say?", ""),  # before a colon
        ("What did Ursula Brandt say about the bridges?", ""),  # nobody mentions her: perhaps spelled otherwise
    ],
)
def test_who_is_mentioned_and_never_quoted_is_unheard(question: str, name: str) -> None:
    assert _unheard(question, COUNCIL) == name


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("ماذا قالت هدى صبري عن الأرصفة؟", ""),
        ("ماذا قال سامر قاسم عن الأرصفة؟", ""),  # in a clause of its own
        ("ماذا قال طارق حداد عن الأرصفة؟", "طارق حداد"),
        ("What did Tariq Haddad say about the docks?", "Tariq Haddad"),
        ("What did Samer Qasim say about the docks?", ""),
    ],
)
def test_arabic_lines_tell_who_speaks_to_either_language(question: str, name: str) -> None:
    assert _unheard(question, PORT) == name


def test_an_answer_does_not_pass_what_others_say_of_somebody_for_their_words(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "bridges.txt").write_text(COUNCIL, encoding="utf-8")
    refresh_index(tmp_path / "corpus", tmp_path / "index")
    sanad = Sanad(Index.open(tmp_path / "index"), None)
    refused = sanad.ask("What did Tariq Haddad say about the bridges?")
    assert not refused.answered
    assert "any words of Tariq Haddad" in " ".join(refused.notes)
    assert sanad.ask("What did Lena Claes say about the bridges?").answered


def _unheard(question: str, text: str) -> str:
    passages = segment(parse_article("one.txt", text.encode()))
    return unheard(question, passages, lambda passage: speaker_of(passage, passages))
