"""The page without a browser: what it makes of answers, articles and files, and its logic in Streamlit's own test runner."""

from __future__ import annotations

import datetime
import json
import re
import string
import sys
import threading
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel import Locale
from conftest import ALLIANCE, CORPUS, ROOT, TOKYO
from streamlit.testing.v1 import AppTest

from index import Hit, SanadError
from index.article import Passage
from index.filters import Filter
from index.manifest import ArticleEntry, read_folder_manifest
from qa import Answer, Citation, Claim, Sanad
from qa.answer import Conflict, Side, Span, quote
from qa.check import check_answer
from ui import LANGUAGES, evaluated, exports, references, uploads
from ui.jobs import Job
from ui.markup import direction, literal, render, visible
from ui.narrowing import Choices, Narrowing
from ui.reading import MAX_LINE, MAX_LINES, read
from ui.references import Shelf
from ui.suggestions import answered, candidates
from ui.texts import texts_in, unisolated

UI = ROOT / "ui"
HOSTILE = "<script>alert(1)</script> **bold** [x](javascript:alert(2)) \u202etxt\u202c </p><img src=x onerror=alert(3)> \x1b[31m"
EN, AR = texts_in("en"), texts_in("ar")


class Tags(HTMLParser):
    """Names of the elements of a piece of HTML, and their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.attributes: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += [name for name, _ in attrs]


def passage(text: str, path: str = "a.txt", line: int = 1, start: int = 0, language: str = "en") -> Passage:
    return Passage(path, line, start, start + len(text), text, language, "prose", "")


def answer_of(*claims: Claim, question: str = "Who?", **more: object) -> Answer:
    values: dict[str, object] = {
        "question": question, "language": "en", "confidence": 0.9, "claims": claims, "nearest": (), "models": {},
        "index": {"corpus": "/nowhere", "sources": {}}, "timings_ms": {},
    }  # fmt: skip
    return Answer(**(values | more))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def sanad(corpus_index: Path) -> Sanad:
    return Sanad.open(corpus_index, llm="none")


@pytest.fixture(scope="module")
def shelf(corpus_index: Path) -> Shelf:
    return Shelf.of(read_folder_manifest(corpus_index).articles)


# Texts


def test_both_languages_say_everything_with_the_same_things_filled_in() -> None:
    english, arabic = EN.forms, AR.forms
    assert english.keys() == arabic.keys()
    for key in english:
        assert _fields(english[key]) == _fields(arabic[key]), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_count_has_every_plural_form_of_its_language(language: str) -> None:
    tags = {*Locale.parse(language).plural_form.tags, "other"}
    for key, forms in texts_in(language).forms.items():
        if not isinstance(forms, str):
            assert tags <= forms.keys(), key


def test_every_text_is_used_and_every_used_text_is_there() -> None:
    sources = "\n".join(path.read_text(encoding="utf-8") for path in (*UI.glob("*.py"), *UI.glob("templates/*.html")))
    named = set(re.findall(r"""["']([a-z_]+)["']""", sources)) | {"verified", "quoted"}
    begun = tuple(re.findall(r"""["']([a-z]+_)(?:["']|\{)""", sources))  # "conflict_" ~ about, f"problem_{problem}"
    unused = {key for key in EN.forms if key not in named and not key.startswith(begun) and not key.endswith("_help")}
    assert unused == set()
    assert set(re.findall(r"""\bt\(["']([a-z_]+)["'][,)]""", sources)) <= EN.forms.keys()


def test_counts_numbers_and_days_are_written_as_their_language_writes_them() -> None:
    assert [EN("collection_size", n=n) for n in (1, 2)] == ["1 article", "2 articles"]
    arabic = [AR("collection_size", n=n) for n in (1, 2, 3, 11, 100)]
    assert arabic == ["مقال واحد", "مقالان", "3 مقالات", "11 مقالًا", "100 مقال"]
    assert AR.date("2025-10-28") == "28 أكتوبر 2025"
    assert AR.languages(["ar", "en"]) == "العربية، الإنجليزية"
    assert (EN.direction, AR.direction) == ("ltr", "rtl")


def test_a_name_in_a_sentence_of_the_other_direction_is_kept_apart() -> None:
    assert AR("encoder_now", name="x (1)") == "صُنع الفهرس بالمُرمِّز \u2068x (1)\u2069."


def _fields(forms: str | Mapping[str, str]) -> set[str]:
    texts = [forms] if isinstance(forms, str) else list(forms.values())
    return {name for text in texts for _, name, _, _ in string.Formatter().parse(text) if name} - {"n"}


# Nothing is markup but what is ours


def test_what_would_hide_or_reorder_letters_is_shown() -> None:
    assert visible("a\u202eb\x00c\x1b\x7f\r") == "a⟦RLO⟧b␀c␛␡"
    assert visible("و\u200fA\u200d\u2066x\u2069\tb") == "و\u200fA\u200d\u2066x\u2069\tb"  # these have work to do


def test_markdown_shows_a_text_as_it_is() -> None:
    assert literal("[a](b) *c* <d>") == r"\[a\]\(b\) \*c\* \<d\>"


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("13", "ar", "rtl"),  # a browser would find no letter and set it to the left of an Arabic answer
        ("٥٠٪", "ar", "rtl"),  # Arabic-Indic digits are no letters either
        ("2019", "en", "ltr"),
        ("9 October", "en", "auto"),
        ("F-35 في اليابان", "ar", "auto"),
        ("13", "und", "auto"),
    ],
)
def test_a_text_without_letters_runs_as_its_language_does(text: str, language: str, expected: str) -> None:
    assert direction(text, language) == expected


def test_a_claim_of_digits_stands_where_its_language_begins(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("There were 13 of them.\n", encoding="utf-8")
    entry = ArticleEntry("a.txt", "", "A", "2025-01-01", ("en",), 1, 1)
    own, cited = Shelf({"a.txt": entry}), Citation("a.txt", 1, 0, 22, "There were 13 of them.", "en")
    claim = Claim("13", "ar", "written", 1.0, (cited,))
    answer = answer_of(claim, language="ar")
    (found,) = references.claim_references(answer)
    drawn = {"t": AR, "shelf": own, "turn": 1, "opened": ""}
    pieces = [
        render("claim", claim=claim, references=found, sources=1, language="ar", **drawn),
        render("reading", t=AR, token="", reading=read(tmp_path, entry, cited), turn=1, position=1, total=1, previous="",
               next="", claim=claim, quote=cited.quote, quote_language="en", quote_label="the_quote", place=AR.place(cited)),
        exports.web_page(answer, AR, own),
    ]  # fmt: skip
    for piece in pieces:
        assert re.search(r'dir="rtl" lang="ar">13\b', piece)


def test_a_hostile_text_is_text_wherever_it_stands(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(f"{HOSTILE}\nThe end of it is near.\n", encoding="utf-8")
    entry = ArticleEntry("a.txt", "", HOSTILE, "2025-01-01", ("en",), 2, 2)
    own = Shelf({"a.txt": entry})
    cited = Citation("a.txt", 1, 0, len(HOSTILE), HOSTILE, "en")
    claim = Claim(HOSTILE, "en", "quote", 1.0, (cited,), reading_aid=HOSTILE, word_by_word=HOSTILE)
    drawn = {"t": EN, "shelf": own, "turn": 1, "opened": ""}
    answer = answer_of(claim, question=HOSTILE, notes=(HOSTILE,))
    (references_of_claim,) = references.claim_references(answer)
    pieces = [
        render("question", t=EN, turn=1, question=HOSTILE, asked_as=HOSTILE),
        render("claim", claim=claim, references=references_of_claim, sources=1, language="en", **drawn),
        render("reading", t=EN, token="", reading=read(tmp_path, entry, cited), turn=1, position=1, total=1, previous="",
               next="", claim=claim, quote=HOSTILE, quote_language="en", quote_label="the_quote", place=EN.place(cited)),
        render("articles", t=EN, entries=[entry]),
        render("examples", t=EN, examples=[HOSTILE]),
        render("report", bad=True, heading=HOSTILE, items=[(HOSTILE, HOSTILE, HOSTILE)]),
        exports.web_page(answer, EN, own),
    ]  # fmt: skip
    for piece in pieces:
        tags = Tags(piece)
        assert not {"script", "img"} & set(tags.names)
        assert not [name for name in tags.attributes if name.startswith("on")]
        assert "\u202e" not in piece
        assert "\x1b" not in piece
        assert "&lt;script&gt;" in piece


# Reading


def test_the_cited_span_is_marked_exactly_in_its_line(sanad: Sanad, shelf: Shelf) -> None:
    for cited in map(Citation.of, sanad.index.passages):
        reading = read(CORPUS, shelf.entries[cited.path], cited)
        (line,) = [line for line in reading.lines if line.marked]
        assert (line.number, line.marked, reading.problem) == (cited.line, cited.quote, "")
        raw = (CORPUS / cited.path).read_text(encoding="utf-8").split("\n")[cited.line - 1]
        assert line.before + line.marked + line.after == raw


def test_the_heading_above_and_the_side_of_the_numbers(sanad: Sanad, shelf: Shelf) -> None:
    (found,) = [one for one in sanad.index.passages if (one.path, one.line) == (ALLIANCE, 23)]
    reading = read(CORPUS, shelf.entries[ALLIANCE], Citation.of(found))
    assert reading.heading == found.heading
    assert reading.direction == "rtl"
    assert [line.number for line in reading.lines] == list(range(1, reading.total + 1))


def test_a_line_that_no_longer_stands_is_not_marked(tmp_path: Path) -> None:
    entry = ArticleEntry("a.txt", "", "a", None, ("en",), 1, 1)
    cited = Citation("a.txt", 1, 0, 3, "old", "en")
    assert read(tmp_path, entry, cited).problem == "gone"
    (tmp_path / "a.txt").write_text("new text stands here now.\n", encoding="utf-8")
    reading = read(tmp_path, entry, cited)
    assert reading.problem == "changed"
    assert not any(line.marked for line in reading.lines)


def test_of_a_long_article_the_part_around_the_citation_is_shown(tmp_path: Path) -> None:
    text = "".join(f"Line number {n} is here.\n" for n in range(1, 3001)) + "x" * 50_000 + "HERE" + "y" * 50_000
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    entry = ArticleEntry("a.txt", "", "a", None, ("en",), 3001, 3001)
    start = text.index("Line number 1500 ")
    reading = read(tmp_path, entry, Citation("a.txt", 1500, start, start + 4, "Line", "en"))
    assert len(reading.lines) == MAX_LINES
    assert reading.lines[0].number < 1500 < reading.lines[-1].number
    assert (reading.clipped, reading.total) == (True, 3001)
    start = text.index("HERE")
    (line,) = [
        line
        for line in read(tmp_path, entry, Citation("a.txt", 3001, start, start + 4, "HERE", "en")).lines
        if line.marked
    ]
    assert line.marked == "HERE"
    assert len(line.before + line.after) <= MAX_LINE + 2


# References and exports


def test_citations_are_numbered_by_place_and_found_again() -> None:
    first, second = passage("One."), passage("Two.", start=5)
    answer = answer_of(quote(first), quote(second), quote(first))
    assert [one.number for own in references.claim_references(answer) for one in own] == [1, 2, 1]
    for own in references.claim_references(answer):
        found = references.find(answer, own[0].key)
        assert found is not None
        assert found[0] == own[0]
        assert len(found[1]) == 3
    assert references.find(answer, "claim-9-0") is None


def test_the_disputed_value_is_cut_out_of_its_line() -> None:
    cited = Citation("a.txt", 2, 10, 22, "It rose to 5", "en")
    assert references.around_value(Side(cited, Span(21, 22, "5"))) == ("It rose to ", "5", "")


@pytest.mark.parametrize(
    "question", ["ما المعدن؟", "كم سيبلغ الإنفاق الدفاعي الياباني ومتى؟", "من هو رئيس وزراء فرنسا؟"]
)
def test_the_receipt_of_an_answer_passes_the_check(sanad: Sanad, question: str) -> None:
    answer = sanad.ask(question)
    assert check_answer(json.loads(exports.receipt(answer)), CORPUS) == []


def test_what_is_taken_away_has_every_quote_and_where_it_stands(sanad: Sanad, shelf: Shelf) -> None:
    answer = sanad.ask("كم سيبلغ الإنفاق الدفاعي الياباني ومتى؟")
    assert answer.claims
    cited = answer.claims[0].citations[0]
    plain, markdown, page = (made(answer, EN, shelf) for made in (exports.plain, exports.markdown, exports.web_page))
    assert cited.quote in plain
    assert "[1]" in plain
    assert literal(cited.quote) in markdown
    assert "[^1]:" in markdown
    assert cited.quote in page
    for made in (plain, markdown.replace("\\", ""), page):
        assert cited.path in made
        assert EN("quoted") in made
        assert f"line {cited.line}" in re.sub("[\u2068\u2069]", "", made)
    assert not {"script", "link", "img", "iframe"} & set(Tags(page).names)
    assert "default-src 'none'" in page
    assert exports.file_name(answer, "md").endswith(".md")


def test_a_refusal_is_taken_away_as_a_refusal(shelf: Shelf) -> None:
    near = Hit(passage("The nearest line."), 1.0, 1.0, 1.0, 1.0, 1, 1)
    answer = answer_of(nearest=(near,))
    for made in (exports.plain, exports.markdown, exports.web_page):
        text = made(answer, EN, shelf).replace("\\", "")
        assert EN("refused") in text
        assert "The nearest line." in text


def test_a_conflict_is_taken_away_with_both_sides(shelf: Shelf) -> None:
    one, two = (Citation.of(passage(text)) for text in ("It is 5.", "It is 6."))
    clash = Conflict("number", (Side(one, Span(6, 7, "5")), Side(two, Span(6, 7, "6"))))
    answer = answer_of(quote(passage("It is 5.")), conflicts=(clash,), missing=("and when",))
    for made in (exports.plain, exports.markdown, exports.web_page):
        text = made(answer, EN, shelf).replace("\\", "")
        assert "It is 5." in text
        assert "It is 6." in text
        assert EN("conflict_heading") in text
        assert "and when" in text


# Files


def test_each_file_that_cannot_be_added_has_its_reason(tmp_path: Path) -> None:
    (tmp_path / "taken.txt").write_text("Another text.", encoding="utf-8")
    (tmp_path / "same.txt").write_text("The same.", encoding="utf-8")
    files = {
        "good.txt": b"An article.", "sheet.xls": b"%XLS", "big.md": b"x" * (uploads.MAX_BYTES + 1), "empty.txt": b" \n",
        "../up.txt": b"An article.", ".hidden.txt": b"An article.", "gpj.\u202etxt": b"An article.", "a\nb.txt": b"An article.",
        "taken.txt": b"My text.", "same.txt": b"The same.", "latin.txt": "é".encode("latin-1"), "wide.txt": b"\xff\xfea",
    }  # fmt: skip
    found = {one.name: one.problem for one in uploads.add(tmp_path, files.items())}
    assert found == {
        "good.txt": None, "sheet.xls": "kind", "big.md": "size", "empty.txt": "empty", "../up.txt": "name",
        ".hidden.txt": "name", "gpj.\u202etxt": "name", "a\nb.txt": "name", "taken.txt": "taken", "same.txt": "same",
        "latin.txt": "text", "wide.txt": "text",
    }  # fmt: skip
    assert sorted(path.name for path in tmp_path.iterdir()) == ["good.txt", "same.txt", "taken.txt"]
    assert (tmp_path / "taken.txt").read_text(encoding="utf-8") == "Another text."
    for problem in {one for one in found.values() if one} | {"write", "many", "move"}:
        assert EN.forms[f"problem_{problem}"]
    assert not (tmp_path.parent / "up.txt").exists()


def test_more_files_than_a_time_allows_are_left_out(tmp_path: Path) -> None:
    added = uploads.add(tmp_path, [(f"{n}.txt", b"An article.") for n in range(uploads.MAX_FILES + 1)])
    assert [one.problem for one in added] == [None] * uploads.MAX_FILES + ["many"]


def test_a_removed_article_is_kept_and_never_over_another(tmp_path: Path) -> None:
    for text in ("first", "second"):
        (tmp_path / "a.txt").write_text(text, encoding="utf-8")
        kept = uploads.remove(tmp_path, "a.txt")
        assert kept.read_text(encoding="utf-8") == text
        assert not (tmp_path / "a.txt").exists()
    assert len(list((tmp_path / uploads.REMOVED).iterdir())) == 2
    with pytest.raises(ValueError, match="outside"):
        uploads.remove(tmp_path, "../other.txt")


# Jobs


def test_a_job_reports_and_ends() -> None:
    go = threading.Event()

    def work(report, _) -> None:
        report(1)
        go.wait(10)
        report(2)

    job: Job[int] = Job(work, "test")
    assert job.wait(0, 10)
    assert (job.latest, job.done) == (1, False)
    go.set()
    assert job.wait(1, 10)
    while not job.done:
        job.wait(2, 10)
    assert (job.latest, job.count, job.error, job.cancelled) == (2, 2, None, False)


def test_a_cancelled_job_stops_and_keeps_what_it_had() -> None:
    stopped = threading.Event()

    def work(report, stop) -> None:
        try:
            report("first")
            stop.wait(10)
            report("never")
        finally:
            stopped.set()

    job: Job[str] = Job(work, "test")
    job.wait(0, 10)
    job.cancel()
    assert stopped.wait(10)
    assert (job.latest, job.done, job.cancelled, job.error) == ("first", True, True, None)


def test_a_job_tells_why_it_failed() -> None:
    def work(report, _) -> None:
        raise SanadError("no")

    job: Job[str] = Job(work, "test")
    job.wait(0, 10)
    assert isinstance(job.error, SanadError)


# Examples, narrowing, evaluation


def test_examples_come_from_the_collection_and_are_answered(sanad: Sanad, tmp_path: Path) -> None:
    asked = list(candidates(sanad.index.passages, tmp_path / "none", "ar"))
    headings = {one.text for one in sanad.index.passages if one.kind == "heading"}
    assert asked
    assert all(any(heading in question for heading in headings) for question in asked)
    shown = list(answered(sanad, asked))
    assert all(sanad.ask(question).answered for question in shown)


def test_gold_questions_of_a_collection_are_examples_in_their_language(tmp_path: Path) -> None:
    gold = tmp_path / "gold.jsonl"
    rows = [
        {"question": "What?", "language": "en", "answerable": True}, {"question": "ماذا؟", "language": "ar", "answerable": True},
        {"question": "No?", "language": "en", "answerable": False}, {"question": 5, "language": "en", "answerable": True}, [],
    ]  # fmt: skip
    gold.write_text("\n".join(map(json.dumps, rows)) + "\nnot json\n", encoding="utf-8")
    assert list(candidates((), gold, "en")) == ["What?"]


def test_what_is_narrowed_down_becomes_a_filter() -> None:
    entries = [
        ArticleEntry("a[1].txt", "", "a", "2025-01-01", ("en",), 1, 1),
        ArticleEntry("b.txt", "", "b", None, ("ar", "en"), 1, 1),
    ]
    day = datetime.date(2025, 1, 1)
    assert Choices.of(entries) == Choices(("a[1].txt", "b.txt"), ("ar", "en"), day, day)
    assert Narrowing().filter(entries) is None
    assert Narrowing(sources=("gone.txt",)).filter(entries) is None
    only = Narrowing(("a[1].txt",), since=day).filter(entries)
    assert only == Filter(("a[[]1].txt",), since=day)
    assert [entry.path for entry in entries if only.allows_article(entry)] == ["a[1].txt"]
    assert Narrowing(until=day).articles(entries) == 1
    assert Narrowing(languages=("en",)).articles(entries) == 2


# The page in Streamlit's test runner


@pytest.fixture
def page(corpus_index: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setattr(sys, "argv", ["app.py", "--index", str(corpus_index), "--llm", "none"])
    return AppTest.from_file(str(UI / "app.py"), default_timeout=60)


def shown(page: AppTest) -> str:
    """All HTML of the page but its style sheet."""
    return "\n".join(element.value for element in page.get("html") if not element.value.startswith("<style>"))


def ask(page: AppTest, question: str) -> str:
    page.chat_input[0].set_value(question).run()
    assert not page.exception
    return shown(page)


def test_an_arabic_question_is_answered_with_lines_and_their_places(page: AppTest) -> None:
    said = ask(page.run(), "كم سيبلغ الإنفاق الدفاعي الياباني ومتى؟")
    assert "s-claim s-quoted" in said
    assert f'title="{ALLIANCE}:23"' in said
    assert EN("quoted") in said


def test_what_the_sources_do_not_say_is_refused_with_the_nearest_lines(page: AppTest) -> None:
    said = ask(page.run(), "من هو رئيس وزراء فرنسا؟")
    assert EN("refused") in said
    assert "s-claim" not in said
    assert said.count("nearest-") >= 5


def test_an_opened_citation_is_read_in_its_article(page: AppTest) -> None:
    ask(page.run(), "كم سيبلغ الإنفاق الدفاعي الياباني ومتى؟")
    page.session_state["session"].open("1:claim-0-0")
    page.run()
    assert not page.exception
    pane = shown(page).partition('<aside class="s-pane"')[2]
    assert re.search(r'data-line="23">.*?<mark>أعلنت رئيسة وزراء اليابان[^<]+</mark>', pane, re.DOTALL)
    for wrong in ("1:claim-99-0", "7:claim-0-0", "x", "1:", "1:<b>"):
        page.session_state["session"].open(wrong)
        page.run()
        assert not page.exception


def test_the_page_is_arabic_when_asked_for(page: AppTest) -> None:
    page.query_params["lang"] = "ar"
    said = ask(page.run(), "من هو رئيس وزراء فرنسا؟")
    assert AR("refused") in said
    assert EN("refused") not in said
    assert next(button.label for button in page.button) == "English"


def test_a_follow_up_is_read_in_the_light_of_the_question_before(page: AppTest) -> None:
    ask(page.run(), "كم سيبلغ الإنفاق الدفاعي الياباني؟")
    said = ask(page, "ومتى؟")
    assert AR("asked_as") not in said
    assert EN("asked_as") in said


def test_markup_in_a_question_is_shown_nowhere_as_markup(page: AppTest) -> None:
    said = ask(page.run(), "ما هي <script>alert(1)</script> **عاصمة** البرازيل؟")
    assert "script" not in Tags(said).names
    assert "&lt;script&gt;" in said


def test_a_filter_leaves_the_other_articles_out(page: AppTest) -> None:
    page.run()
    page.multiselect(key="filter-sources").set_value([TOKYO]).run()
    said = ask(page, "ماذا قال ترامب عن العلاقات مع اليابان؟")
    assert not page.exception
    assert TOKYO in said
    assert ALLIANCE not in said


def test_without_an_index_the_page_says_where_to_begin(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "argv", ["app.py", "--index", str(tmp_path / "none")])
    page = AppTest.from_file(str(UI / "app.py"), default_timeout=60).run()
    assert not page.exception
    assert EN("page_collection") in page.info[0].value


def test_a_damaged_index_is_one_clear_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("{}", encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["app.py", "--index", str(tmp_path)])
    page = AppTest.from_file(str(UI / "app.py"), default_timeout=60).run()
    assert not page.exception
    assert EN("error_index") in shown(page)
    assert "run: sanad index" in shown(page)


def test_an_evaluation_is_arranged_by_kind_of_failure() -> None:
    from qa.evaluation.run import Figure, Run, Settings

    row = {
        "id": "q1", "question": "Who?", "language": "en", "languages": "en→ar", "ranking": [],
        "facts": [{"fact": "he", "lines": [{"path": "a.txt", "line": 3, "to": 4}]}],
        "systems": {"sanad": {"claims": [], "failures": [{"kind": "refused", "what": ""}, {"kind": "not found", "what": "he"}]}},
    }  # fmt: skip
    good = row | {"id": "q2", "systems": {"sanad": {"claims": [], "failures": []}}}
    figures = (Figure("sanad", "all", "MRR", 0.5, 0.4, 0.6, 2), Figure("top-passage", "all", "MRR", 0.1, None, None, 2))
    run = Run(
        Settings(), {"at": "2026-11-22T10:00:00+00:00"}, {"sources": {}}, figures, (), {}, (row, good), (),
        {"a.txt": {"3": "three", "4": "four"}},
    )  # fmt: skip
    (found,) = evaluated.failing(run)
    assert [failure.text_key for failure in found.failures] == ["failure_refused", "failure_not_found"]
    assert found.lines == (("a.txt", 3, "three"), ("a.txt", 4, "four"))
    assert evaluated.kinds([found]) == ("not found", "refused")
    assert evaluated.columns(run, ("MRR",), EN) == {"metric": ["MRR"], "languages": ["All"], "value": [0.5]}
    assert evaluated.columns(run, ("MRR",), AR)["metric"] != ["MRR"]
    assert evaluated.made_on(run) == datetime.date(2026, 11, 22)


def test_every_measure_has_its_words_in_every_language() -> None:
    from qa.evaluation.measures import METRICS

    english = {metric.meaning for metric in METRICS.values()}
    assert evaluated.measure("MRR", EN) == ("MRR", METRICS["MRR"].meaning)
    for language in set(LANGUAGES) - {"en"}:
        said = [evaluated.measure(name, texts_in(language)) for name in METRICS]
        assert all(name not in METRICS and meaning not in english for name, meaning in said)
        assert len({name for name, _ in said}) == len(METRICS)
        assert not [meaning for _, meaning in said if not re.search("[\u0600-\u06ff]", meaning)]
    assert unisolated(evaluated.pair("en→ar", AR)) == "الإنجليزية ← العربية"
    assert evaluated.pair("all", EN) == "All"


def test_what_is_wrong_with_a_claim_names_it_by_its_number() -> None:
    wrong = evaluated.Failure("not supported", "claim 2: 2% is not in the line; a name differs")
    assert (wrong.claim, wrong.detail) == (2, "2% is not in the line; a name differs")
    assert (
        evaluated.Failure("not found", "claim of victory").claim,
        evaluated.Failure("unresolved", "claim 3").claim,
    ) == (0, 3)


def test_every_kind_of_failure_has_its_words() -> None:
    from qa.evaluation.failures import KINDS

    for kind in KINDS:
        assert evaluated.Failure(kind, "").text_key in EN.forms
