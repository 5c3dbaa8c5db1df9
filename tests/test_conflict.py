"""Lines that disagree stand side by side; lines of several articles that agree back one claim; what is open is named."""

from __future__ import annotations

import datetime
from itertools import combinations
from pathlib import Path

import pytest

from index import Index, refresh_index
from index.article import Passage
from qa import Sanad
from qa.answer import Citation, Claim
from qa.conflict import Evidence, conflicts, disagreeing
from qa.corroborate import says_the_same, with_claim
from qa.parts import missing_parts
from qa.speaker import speaker_of
from qa.verify import Verifier
from qa.when import find_when

WRITTEN = datetime.date(2024, 5, 15)


def cited(text: str, language: str, path: str = "a.txt") -> Citation:
    passage = Passage(path, 1, 0, len(text), text, language, "prose", "")
    return Citation(path, 1, 0, len(text), text, language, speaker_of(passage), find_when(text, WRITTEN))


def found(question: str, language: str, *lines: str) -> list[tuple[str, list[str]]]:
    evidence = [Evidence(cited(line, language, f"{n}.txt"), "") for n, line in enumerate(lines)]
    return [(one.about, [side.value.text for side in one.sides]) for one in conflicts(question, evidence)]


@pytest.mark.parametrize(
    ("question", "language", "lines", "about"),
    [
        (
            "Where did Lund meet Nasser?",
            "en",
            ("Anna Lund met Omar Nasser in Paris on Monday.", "Anna Lund met Omar Nasser in Rome, officials said."),
            "place",
        ),
        (
            "أين اجتمع الوزير والسفير؟",
            "ar",
            ("اجتمع الوزير والسفير في باريس لبحث الأزمة.", "اجتمع الوزير والسفير في روما لبحث الأزمة."),
            "place",
        ),
        (
            "When did the Lund bridge open?",
            "en",
            ("The Lund bridge opened on 3 May after repairs.", "After repairs the Lund bridge opened on 7 May."),
            "date",
        ),
        (
            "متى افتتح الجسر الجديد؟",
            "ar",
            ("افتتح الجسر الجديد أمس بعد ترميمه.", "بعد ترميمه افتتح الجسر الجديد يوم الأحد."),
            "date",
        ),
        (
            "How many miners were rescued in Lota?",
            "en",
            ("In Lota 14 miners were rescued at night.", "At night 19 miners were rescued in Lota."),
            "number",
        ),
        (
            "كم عدد العمال الذين أنقذوا من المنجم؟",
            "ar",
            ("أنقذ من المنجم 14 عاملا ليلا.", "أنقذ من المنجم 19 عاملا ليلا."),
            "number",
        ),
        (
            "Did the council approve the new tram line?",
            "en",
            ("The council approved the new tram line on Friday.", "The council has not approved the new tram line."),
            "polarity",
        ),
        (
            "هل وافق المجلس على خط القطار الجديد؟",
            "ar",
            ("وافق المجلس على خط القطار الجديد.", "لم يوافق المجلس على خط القطار الجديد."),
            "polarity",
        ),
    ],
)
def test_a_conflict_is_found(question: str, language: str, lines: tuple[str, str], about: str) -> None:
    ((kind, values),) = found(question, language, *lines)
    assert kind == about
    assert len(set(values)) == 2


@pytest.mark.parametrize(
    ("question", "language", "lines"),
    [
        (
            "Where did Lund meet Nasser?",
            "en",
            ("Anna Lund met Omar Nasser in Tokyo.", "Anna Lund met Omar Nasser in Japan."),
        ),
        ("Where did Lund meet Nasser?", "en", ("Anna Lund met Omar Nasser in Paris.", "Anna Lund went home to Rome.")),
        (
            "Where did Lund meet Nasser?",
            "en",
            ("Anna Lund met Omar Nasser in Paris.", "Lund and Nasser signed a treaty."),
        ),
        (
            "When did the Lund bridge open?",
            "en",
            ("The Lund bridge opened on 3 May.", "The Lund bridge opened in May after repairs."),
        ),
        (
            "When did the Lund bridge open?",
            "en",
            ("The Lund bridge opened on 3 May.", "The Lund bridge opened on Friday, 3 May."),
        ),
        (
            "How many miners were rescued in Lota?",
            "en",
            ("14 miners were rescued in Lota.", "19 ambulances stood in Lota as miners were rescued."),
        ),
        (
            "How many people were killed in the Valencia flood?",
            "en",
            ("The Valencia flood killed at least 200 people.", "The Valencia flood killed 231 people."),
        ),
        (
            "How many people were killed in the Valencia flood?",
            "en",
            ("The Valencia flood killed 231 people.", "The Valencia flood left 1,900 people missing and killed many."),
        ),
        (
            "كم عدد قتلى الزلزال في تركيا؟",
            "ar",
            ("بلغ عدد قتلى الزلزال في تركيا 53 ألف شخص.", "أكثر من 50 ألف شخص قتلى الزلزال في تركيا."),
        ),
        (
            "What share of voters backed the plan in Norway?",
            "en",
            (
                "The plan was backed by 52% of voters in Norway.",
                "The plan was backed by 61% of women voters in Norway.",
            ),
        ),
        (
            "When did Anna Lund arrive in Norway?",
            "en",
            (
                "Anna Lund arrived in Norway on Monday for talks.",
                "Anna Lund, who resigned on 3 May, arrived in Norway for talks.",
            ),
        ),
        (
            "Where did Lund meet Nasser?",
            "en",
            ("Lund met Nasser in Paris on Monday.", "Lund will meet Nasser in Rome next week."),
        ),
        (
            "Where did Lund meet Nasser?",
            "en",
            ("Lund met Nasser in Paris for talks.", "Lund met Nasser in the Elysee Palace for talks."),
        ),
        (
            "Where does Lund go next after Norway?",
            "ar",
            ("التقت لوند الوزير في باريس بعد عودتها من النرويج.", "التقت لوند الوزير في روما بعد عودتها من النرويج."),
        ),
        (
            "Will the tariffs be lifted?",
            "en",
            ("The tariffs will not be lifted before a deal.", "The tariffs will be lifted after a deal."),
        ),
        (
            "Did Japan approve the plan?",
            "en",
            ("Japan approved the new plan for its plants.", "Japan has not yet approved the new plan for its plants."),
        ),
        (
            "هل وقع الوزير المرسوم؟",
            "ar",
            (
                "وقع الوزير المرسوم الجديد في الجهراء أمام النواب.",
                "لم يوقع الوزير المرسوم الجديد في الأحمدي أمام النواب.",
            ),
        ),
        ("What did Lund say?", "en", ("Lund spoke in Paris on 3 May.", "Lund spoke in Rome on 4 May.")),
        (
            "كم عدد العمال الذين أنقذوا من المنجم؟",
            "ar",
            ("أنقذ من المنجم 14 عاملا.", "نقل من المنجم 19 طنا من الصخور."),
        ),
    ],
)
def test_no_conflict_is_made_up(question: str, language: str, lines: tuple[str, str]) -> None:
    assert found(question, language, *lines) == []


def test_where_the_leaders_met_is_told_both_ways(corpus_index: Path) -> None:
    answer = Sanad.open(corpus_index, "none").ask("Where did Trump and Takaichi meet?")
    (conflict,) = answer.conflicts
    assert conflict.about == "place"
    told = " ".join(side.value.text for side in conflict.sides)
    assert "طوكيو" in told
    assert "يوكوسوكا" in told
    assert {side.citation.path for side in conflict.sides} == set(answer.to_dict()["index"]["sources"])


def test_the_other_side_of_what_is_cited_is_cited_too(corpus_index: Path) -> None:
    *steps, answer = Sanad.open(corpus_index, "none").stream("Where did Trump and Takaichi meet?", passages=1)
    assert len(steps[-1].claims) == 1
    first, second = answer.claims
    assert [first.citations[0].path, second.citations[0].path] == [
        side.citation.path for side in answer.conflicts[0].sides
    ]
    assert (second.origin, second.text) == ("quote", answer.conflicts[0].sides[1].citation.quote)
    assert second.word_by_word


def test_a_conflict_of_lines_that_are_not_cited_adds_none(corpus_index: Path) -> None:
    answer = Sanad.open(corpus_index, "none").ask("Where did Trump and Takaichi meet?")
    one, other = (side.citation for side in answer.conflicts[0].sides)
    assert disagreeing(answer.conflicts, []) == []
    assert disagreeing(answer.conflicts, [one]) == [other]
    assert disagreeing(answer.conflicts, [one, other]) == []


def claim(text: str, language: str, path: str) -> Claim:
    return Claim(text, language, "quote", 1.0, (cited(text, language, path),))


SAME = [
    ("en", "The council approved the new tram line on Friday.", "On Friday the council approved the new tram line."),
    (
        "en",
        "Japan will raise its defence spending to 2% of GDP.",
        "Japan will raise defence spending to 2% of its GDP.",
    ),
    ("en", "Anna Lund met Omar Nasser in Paris.", "Omar Nasser met Anna Lund in Paris."),
    ("ar", "أعلنت الصين تشديد القيود على تصدير المعادن.", "أعلنت الصين تشديد القيود على تصدير المعادن النادرة."),
]
DIFFERENT = [
    ("en", "The council approved the new tram line on Friday.", "The council approved the new tram line on Monday."),
    ("en", "The council approved the new tram line.", "The council rejected the new tram line."),
    ("en", "14 miners were rescued in Lota at night.", "19 miners were rescued in Lota at night."),
    ("en", "Anna Lund met Omar Nasser in Paris.", "Anna Lund met Omar Nasser in Rome."),
    ("en", "Japan will raise its defence spending.", "China will raise its defence spending."),
    ("en", "The bridge was closed.", "The bridge was not closed."),
    ("ar", "اجتمع الوزير والسفير في باريس.", "اجتمع الوزير والسفير في روما."),
    ("ar", "ارتفعت الصادرات 7% العام الماضي.", "ارتفعت الصادرات 9% العام الماضي."),
    ("ar", "وافق المجلس على خط القطار.", "لم يوافق المجلس على خط القطار."),
    ("ar", "التقى الوزير عائلات المفقودين.", "التقى الوزير قادة الجيش."),
    ("en", "Russia attacked Ukraine at night.", "Ukraine attacked Russia at night."),
    ("en", "Two people were killed in the attack.", "Two people were wounded in the attack."),
    ("en", "Lund plans to resign in May.", "Lund resigned in May."),
    ("en", "The company will open a plant in Leeds.", "The company may open a plant in Leeds."),
    ("en", "The minister met the French ambassador.", "The minister met the French president."),
    ("en", "He said the bridge is closed for repairs.", "She said the bridge is closed for repairs."),
    ("ar", "هزم الهلال النصر بهدفين.", "هزم النصر الهلال بهدفين."),
    ("ar", "ارتفع سعر الذهب 2% وانخفض سعر النفط 3%.", "انخفض سعر الذهب 2% وارتفع سعر النفط 3%."),
    ("ar", "زار الرئيس المصري السعودية.", "زار الرئيس السعودي مصر."),
]


def test_only_the_same_statement_is_merged() -> None:
    verifier = Verifier()
    for language, one, other in DIFFERENT:
        assert not says_the_same(claim(one, language, "a"), claim(other, language, "b"), lambda: verifier), (one, other)
    merged = [
        says_the_same(claim(one, language, "a"), claim(other, language, "b"), lambda: verifier)
        for language, one, other in SAME
    ]
    assert sum(merged) >= 2  # a missed one is shown twice, which misleads nobody
    for language, one, _ in SAME:
        assert not says_the_same(claim(one, language, "a"), claim(one, language, "a"), lambda: verifier)


def test_no_two_lines_of_the_corpus_are_merged_wrongly(index: Index) -> None:
    claims = [claim(p.text, p.language, p.path) for p in index.passages if p.kind in ("prose", "bullet")]
    verifier = Verifier()
    assert [pair for pair in combinations(claims, 2) if says_the_same(*pair, lambda: verifier)] == []


def test_a_claim_of_two_articles_cites_both(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    said = "The council of Lota approved the new tram line in a vote on Friday."
    for name in ("one", "two"):
        (corpus / f"{name}.txt").write_text(
            f"Report number {name} from Lota, 18 May 2024\n{said}\nIt rained.\n", "utf-8"
        )
    refresh_index(corpus, tmp_path / "index")
    answer = Sanad.open(tmp_path / "index", "none").ask("What did the council of Lota approve?")
    (backed,) = [one for one in answer.claims if one.text == said]
    assert {citation.path for citation in backed.citations} == {"one.txt", "two.txt"}
    assert with_claim((backed,), backed) == (backed, backed)  # of the same articles: nothing to back it with


@pytest.mark.parametrize(
    ("question", "line", "language", "missing"),
    [
        ("How many were hurt and how many died?", "At least 14 people were hurt.", "en", ("how many died",)),
        ("When did they meet and where?", "They met on 3 May.", "en", ("where did they meet",)),
        ("كم عدد المصابين، ومتى وقع الحادث؟", "أصيب 14 شخصا.", "ar", ("متى وقع الحادث",)),
        ("When and in which city did they meet?", "They met in Paris on 3 May.", "en", ()),
        ("How many were hurt and how many died?", "14 people were hurt and 3 died.", "en", ()),
        ("How many were hurt?", "They met.", "en", ()),
        ("How many people were arrested, and when?", "Two people were arrested on Monday.", "en", ()),
        ("كم شخصا اعتقل، ومتى؟", "اعتقل ثلاثة أشخاص يوم الاثنين.", "ar", ()),
        ("كم شخصا اعتقل، ومتى؟", "اعتقل شخصان يوم الاثنين.", "ar", ()),
        ("When and where did the flood happen?", "The flood hit Valencia in October.", "en", ()),
        ("متى وأين وقع الفيضان؟", "وقع الفيضان في درنة في سبتمبر 2023.", "ar", ()),
        ("When will it open and how many rooms has it?", "It opens in the spring and has 40 rooms.", "en", ()),
        ("How many died, and when?", "Es starben 15 Menschen am 5. Mai.", "de", ()),
        ("When did Nadal, who was born there, retire?", "Nadal retired in November.", "en", ()),
    ],
)
def test_the_half_that_the_lines_leave_open(question: str, line: str, language: str, missing: tuple[str, ...]) -> None:
    assert missing_parts(question, [cited(line, language)]) == missing
