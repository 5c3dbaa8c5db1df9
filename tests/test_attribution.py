"""Who says so, and since when: 72 sentences written for these rules, a third of them kept aside while the rules were made."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pytest
from conftest import CORPUS

from index import Index
from index.article import Passage
from qa.attribution import Attribution
from qa.speaker import quotations, speaker_of
from qa.when import find_when

ROWS: list[dict[str, Any]] = [
    json.loads(line) for line in (Path(__file__).parent / "data" / "attribution.jsonl").read_text("utf-8").splitlines()
]


def rows(split: str) -> list[dict[str, Any]]:
    return [row for row in ROWS if row["split"] == split]


def passage(text: str, language: str, line: int = 1, heading: str = "") -> Passage:
    return Passage("a.txt", line, 1000 * line, 1000 * line + len(text), text, language, "prose", heading)


@pytest.mark.parametrize("split", ["tune", "aside"])
def test_dates_of_news_sentences(split: str) -> None:
    right = wrong = missed = 0
    for row in rows(split):
        found = find_when(row["text"], datetime.date.fromisoformat(row["article_date"]))
        assert all(row["text"][when.span.start : when.span.end] == when.span.text for when in found)
        told = {(when.first.isoformat(), when.last.isoformat()) for when in found}
        gold = {(first, last) for _, first, last in row["dates"]}
        right, wrong, missed = right + len(told & gold), wrong + len(told - gold), missed + len(gold - told)
    assert right / (right + wrong) >= 0.92
    assert right / (right + missed) >= 0.95


@pytest.mark.parametrize("split", ["tune", "aside"])
def test_speakers_of_news_sentences(split: str) -> None:
    right = wrong = missed = 0
    for row in rows(split):
        speaker = speaker_of(passage(row["text"], row["language"]))
        told = speaker.name.text if speaker else ""
        if speaker:
            assert row["text"][speaker.name.start - 1000 : speaker.name.end - 1000] == told
        right += bool(told) and told == row["speaker"] and speaker is not None and speaker.speech == row["speech"]
        wrong += bool(told) and told != row["speaker"]
        missed += bool(row["speaker"]) and not told
    assert right / (right + wrong) >= 0.95
    assert right / (right + missed + wrong) >= 0.95


def test_he_added_is_said_by_whom_the_line_above_names() -> None:
    first = passage("وقال الوزير إن الجسر سيغلق.", "ar", 1)
    second = passage("وأضاف أن العمل سيستمر عاماً.", "ar", 2)
    speaker = speaker_of(second, [first, second])
    assert speaker
    assert (speaker.name.text, speaker.name.start) == ("الوزير", first.start + 5)
    other_section = passage("وأضاف أن العمل سيستمر عاماً.", "ar", 3, heading="آخر")
    assert speaker_of(other_section, [first, second, other_section]) is None
    woman = passage("وأضافت أن العمل سيستمر عاماً.", "ar", 2)
    assert speaker_of(woman, [first, woman]) is None
    she = passage("She added that work would go on.", "en", 2)
    named = passage("Mayor Anna Lund said the bridge was closed.", "en", 1)
    carried = speaker_of(she, [named, she])
    assert carried
    assert carried.name.text == "Mayor Anna Lund"


@pytest.mark.parametrize(
    "text",
    [
        "The index added 1.2% on Wednesday.",
        "The storm claimed 12 lives in Haiti.",
        "Toyota recalled 1.2 million vehicles in March 2024.",
        "Talks concluded on Monday without a deal.",
        "The man accused of killing three people in May was told to leave.",
        "The band announced as headliner wrote the song in 2003.",
        "Having said that, analysts expect rates to fall next month.",
        "Germany's reported losses rose in the third quarter.",
        "Nobody claimed responsibility.",
        "وصف الطبيب الدواء للمريض.",
        "هددت الفيضانات آلاف المنازل.",
        "وأضافت العاصفة معاناة جديدة للسكان.",
        "وشددت القوات الحصار على المدينة.",
        "كشفت الأمطار عن آثار قديمة.",
        "علق البرلمان جلساته إلى الأسبوع المقبل.",
        "طالب الجامعة الذي اعتقل في مارس أفرج عنه.",
        "ولفتت اللوحة أنظار الزوار.",
        "كان الرئيس قد أعلن الشهر الماضي استقالته.",
        "تراجعت الأسعار بحسب العرض والطلب.",
        "وفق خطة مدتها عامين ستبنى المدينة.",
    ],
)
def test_a_verb_of_saying_that_says_nothing_here_has_no_speaker(text: str) -> None:
    language = "ar" if text[0] > "z" else "en"
    assert speaker_of(passage(text, language)) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("The US added 200,000 jobs in January, the Labor Department said.", "the Labor Department"),
        ("By Monday, 40 had died, said the governor.", "the governor"),
        ("قالت الأمم المتحدة إن 90 بالمئة من السكان نزحوا.", "الأمم المتحدة"),
        ("دعا الرئيس التركي رجب طيب أردوغان إلى وقف إطلاق النار.", "الرئيس التركي رجب طيب أردوغان"),
        ("قال الأمين العام أنطونيو غوتيريش إن الوضع خطير.", "الأمين العام أنطونيو غوتيريش"),
        ("قال مسؤول أمريكي الثلاثاء إن واشنطن سترسل مساعدات.", "مسؤول أمريكي"),
        ("قالت أنغيلا ميركل في مذكراتها إنها ندمت.", "أنغيلا ميركل"),
        ("اتهمت أوكرانيا روسيا بقصف محطة كهرباء.", "أوكرانيا"),
        ("وصف ماكرون الوضع في لبنان بأنه خطير.", "ماكرون"),
        ("توقعت الأرصاد هطول أمطار غزيرة غدا.", "الأرصاد"),
        ("توقع صندوق النقد الدولي نمو الاقتصاد 3% في 2026.", "صندوق النقد الدولي"),
        ("أعلنت رئيسة وزراء إيطاليا جورجا ميلوني عن رفع الأجور.", "رئيسة وزراء إيطاليا جورجا ميلوني"),
        ("بحسب الأرقام الرسمية ارتفع التضخم في فبراير إلى 12%.", "الأرقام الرسمية"),
    ],
)
def test_a_name_is_told_whole_and_alone(text: str, name: str) -> None:
    speaker = speaker_of(passage(text, "ar" if text[0] > "z" else "en"))
    assert speaker
    assert speaker.name.text == name


@pytest.mark.parametrize(
    ("above", "text"),
    [
        (["The ministry said the road was closed."], "He said it would reopen soon."),
        (["Mr Lund said the road was closed."], "She said it would reopen soon."),
        (["Anna Lund said the road was closed.", "Her deputy, Karl Berg, disagreed."], "He said it was open."),
        (["Anna Lund said the road was closed."], "We said nothing about that."),
    ],
)
def test_a_pronoun_is_not_given_to_whom_it_cannot_mean(above: list[str], text: str) -> None:
    before = [passage(line, "en", number) for number, line in enumerate(above, 1)]
    assert speaker_of(passage(text, "en", len(above) + 1), before) is None


def test_quotation_marks_of_all_kinds() -> None:
    for opening, closing in ('""', "“”", "«»", "„“", "「」"):
        text = f"قال الوزير {opening}لن نغلق الجسر أبدا{closing}."
        assert [text[start:end] for start, end in quotations(text)] == ["لن نغلق الجسر أبدا"]
    assert quotations("the farmers' leader doesn't agree") == []
    speaker = speaker_of(passage('The mayor called it "historic".', "en"))
    assert speaker is None or speaker.speech == "reported"


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("On Friday, March 14, the court will rule.", ["2025-03-14"]),
        ("She was born on Tuesday, 3 June 1980.", ["1980-06-03"]),
        ("تعقد القمة يوم الجمعة الموافق 14 مارس في عمان.", ["2025-03-14"]),
        ("Schools close on May 5-7, 2025.", ["2025-05-05"]),
        ("The Sun said sales on Black Friday fell.", []),
        ("USA Today reported the news.", []),
        ("The September 11 attacks changed the world.", []),
        ("ثورة 25 يناير أطاحت مبارك.", []),
        ("أحداث 11 سبتمبر غيرت العالم.", []),
        ("Sales rose 12 in May compared with the previous month.", ["2025-05-01"]),
        ("The next day, troops entered the town.", []),
        ("Prices may rise in the coming weeks.", []),
        ("The last year of the war was the worst.", []),
        ("It will open in 2000 villages.", []),
        ("It grew in the 2024-25 season and in 2024-25.", []),
        ("في مثل هذا اليوم من عام 1973 اندلعت الحرب.", ["1973-01-01"]),
        ("يصادف غدا اليوم العالمي للمرأة.", ["2025-03-13"]),
        ("تبدأ المحادثات الاثنين في جنيف.", ["2025-03-17"]),
        ("عقدت الجلسة الأحد، على أن تستأنف الخميس.", ["2025-03-09", "2025-03-13"]),
        ("Officials said talks would resume Monday.", ["2025-03-17"]),
        ("The road must be finished by February.", ["2026-02-01"]),
        ("يظل المعرض مفتوحا حتى فبراير.", ["2026-02-01"]),
        ("It rained on Monday last week.", ["2025-03-03"]),
        ("The vote is on Friday next week.", ["2025-03-21"]),
        ("تعقد الجلسة يوم غد الخميس.", ["2025-03-13"]),
        ("وقع الحادث الأربعاء قبل الماضي.", ["2025-02-26"]),
        ("تبدأ المفاوضات الاثنين من الأسبوع المقبل.", ["2025-03-17"]),
        ("At the beginning of the match on Monday he scored.", ["2025-03-10"]),
        ("The bridge was closed on Sept. 16, 2024.", ["2024-09-16"]),
        ("بدأ الأحد عشر لاعبا المباراة بعد الثلاثاء الأسود.", []),
    ],
)
def test_dates_that_are_easily_misread(text: str, days: list[str]) -> None:
    assert [when.first.isoformat() for when in find_when(text, datetime.date(2025, 3, 12))] == days


@pytest.mark.parametrize(
    ("text", "language", "name"),
    [
        ("Dock workers at Port Said ended their strike, the union said.", "en", "the union"),
        ("President Kais Said opened the bridge.", "en", ""),
        ("من جهتها، أعلنت الوزارة إغلاق المدارس.", "ar", "الوزارة"),
        ('"سنفتح المدارس غدا"، قالت منى العلي.', "ar", "منى العلي"),
    ],
)
def test_speakers_that_are_easily_misread(text: str, language: str, name: str) -> None:
    speaker = speaker_of(passage(text, language))
    assert (speaker.name.text if speaker else "") == name


def test_without_the_articles_date_only_full_dates_are_told() -> None:
    text = "Yesterday, on Monday 3 June, she recalled the flood of 14 March 2011 and the summer of 2003."
    assert {when.first.isoformat() for when in find_when(text, None)} <= {"2011-03-14", "2003-01-01"}
    assert find_when("31 February 2024 and 99 May", datetime.date(2024, 5, 1)) == ()


def test_every_span_of_the_corpus_resolves_and_posts_have_their_authors(index: Index) -> None:
    attribution = Attribution(index)
    authors, carried = set(), 0
    for one in index.passages:
        text = (CORPUS / one.path).read_bytes().decode("utf-8")
        citation = attribution.cite(one)
        spans = [when.span for when in citation.dates]
        if citation.speaker:
            spans += [citation.speaker.name, *citation.speaker.quoted]
            carried += citation.speaker.name.start < one.start
            if citation.speaker.speech == "post":
                authors.add(citation.speaker.name.text)
        assert all(text[span.start : span.end] == span.text for span in spans)
    assert authors == {"PM's Office of Japan", "Real America's Voice (RAV)", "The White House"}
    assert carried > 0
