"""Every kind of file: what is cited stands in the extracted text and in the original, and what cannot be read is refused."""

from __future__ import annotations

import datetime
import json
import os
import subprocess
import sys
import time
from functools import cache
from importlib import metadata
from pathlib import Path

import originals
import pytest
from click.testing import CliRunner
from conftest import ROOT
from jsonschema import Draft202012Validator
from originals import ARABIC, ARABIC_TITLE, ENGLISH, ENGLISH_TITLE, displayed
from referencing import Registry, Resource

from index import Article, Index, UnreadableArticle, refresh_index
from index.formats import FORMATS, SUFFIXES, format_of, packed, pdf_pages
from index.formats.direction import read_seen, to_logical
from index.formats.encoding import decode
from index.formats.extracted import described, place_at
from index.formats.pdf_pages import Glyph, page_lines
from index.formats.records import Fields
from index.manifest import ArticleEntry, read_folder_manifest
from index.reader import Source, extract, open_source, parse_article, read_article, sources_of
from index.segment import segment
from qa import Citation
from qa.check import check_answer
from qa.cli import main
from ui import uploads
from ui.reading import read
from ui.texts import texts_in

ASKED = (
    "arabic.pdf", "english.pdf", "english.docx", "book.epub", "arabic.html", "archive.jsonl*", "table.csv*", "legacy.txt",
)  # fmt: skip
COLUMN = (
    "the first column tells how the", "harbour of the city was built by", "many people over five long years",
    "and what it cost them in the end.",
)  # fmt: skip
OTHER_COLUMN = (
    "The second column tells how ships", "came from everywhere to see it on", "the day on which it was opened by",
    "the minister with a long speech.",
)  # fmt: skip


def column(x: float, lines: tuple[str, ...], y: float = 760) -> list[tuple[float, float, str]]:
    return [(x, y - 14 * n, line) for n, line in enumerate(lines)]


@cache
def made() -> dict[str, bytes]:
    return {
        "arabic.html": originals.html(ARABIC_TITLE, ARABIC),
        "english.html": originals.html(ENGLISH_TITLE, ENGLISH),
        "arabic.docx": originals.docx(ARABIC_TITLE, ARABIC),
        "english.docx": originals.docx(ENGLISH_TITLE, ENGLISH),
        "book.epub": originals.epub("كتاب الميناء", (ENGLISH, ARABIC)),
        "arabic.pdf": originals.pdf([column(-560, tuple(map(displayed, ARABIC)))]),
        "english.pdf": originals.pdf([column(40, ENGLISH)]),
        "legacy.txt": "\n".join((ARABIC_TITLE, *ARABIC)).encode("cp1256"),
        "wide.txt": "\n".join((ENGLISH_TITLE, *ENGLISH)).encode("utf-16"),
        "archive.jsonl": originals.json_lines(
            [
                {"id": "a-1", "title": ARABIC_TITLE, "text": "\n".join(ARABIC), "date": "2024-03-05"},
                {"id": "e-2", "title": ENGLISH_TITLE, "text": list(ENGLISH), "url": "https://example.org/2"},
            ]
        ),
        "table.csv": f'id,title,text\n1,{ARABIC_TITLE},"{ARABIC[0]}"\n2,{ENGLISH_TITLE},"{ENGLISH[0]}"\n'.encode(),
    }


def articles(name: str, data: bytes) -> list[Article]:
    found = list(sources_of(name, data))
    assert all(isinstance(one, Source) for one in found)
    return [read_article(one) for one in found if isinstance(one, Source)]


@pytest.fixture(scope="session")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A folder with every kind of file, and its index."""
    corpus, folder = tmp_path_factory.mktemp("mixed"), tmp_path_factory.mktemp("index")
    for name, data in made().items():
        (corpus / name).write_bytes(data)
    (corpus / "broken.pdf").write_bytes(b"%PDF-1.7 broken")
    refresh = refresh_index(corpus, folder)
    assert [reason.split(":")[0] for reason in refresh.skipped] == ["broken.pdf"]
    assert refresh.notes == ("legacy.txt: read as windows-1256", "wide.txt: read as utf-16")
    return corpus, folder


# Every format


@pytest.mark.parametrize("name", made())
def test_every_passage_is_its_text_at_its_offsets(name: str) -> None:
    for article in articles(name, made()[name]):
        passages = segment(article)
        assert passages
        for passage in passages:
            assert article.text[passage.start : passage.end] == passage.text
            assert article.text.count("\n", 0, passage.start) + 1 == passage.line
        found = " ".join(passage.text for passage in passages)
        expected = ARABIC if "arabic" in name or article.path.endswith(("a-1", "csv#1")) else ENGLISH
        if name not in ("legacy.txt", "table.csv"):
            assert expected[1][:40] in found, found


def test_the_same_bytes_give_the_same_text_in_another_process(tmp_path: Path) -> None:
    files = {name: data for name, data in made().items() if format_of(name)}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    code = """
import sys
from pathlib import Path
from index.reader import Source, extract
for path in map(Path, sys.argv[1:]):
    print(extract(Source(path.name, path.read_bytes())).sha256)
"""
    run = subprocess.run(
        [sys.executable, "-c", code, *(str(tmp_path / name) for name in files)],
        cwd=ROOT, env=os.environ | {"PYTHONHASHSEED": "7"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert run.stdout.split() == [extract(Source(name, data)).sha256 for name, data in files.items()]


def test_a_web_page_is_its_main_text_with_what_it_says_of_itself() -> None:
    (article,) = articles("a.html", made()["arabic.html"])
    assert (article.title, article.date, article.url) == (
        ARABIC_TITLE, datetime.date(2024, 3, 5), "https://example.org/harbour",
    )  # fmt: skip
    assert article.text == "".join(f"{line}\n" for line in (f"# {ARABIC_TITLE}", *ARABIC))
    assert [line.kind for line in article.lines] == ["heading", "prose", "prose", "prose"]
    assert place_at(article.places, article.text.index(ARABIC[1])) == "paragraph 3"


def test_a_page_in_the_encoding_it_names_is_read_in_it() -> None:
    (article,) = articles("a.html", originals.html(ARABIC_TITLE, ARABIC, charset="windows-1256"))
    assert article.encoding == "windows-1256"
    assert ARABIC[2] in article.text


def test_a_word_document_keeps_headings_lists_and_rows() -> None:
    (article,) = articles("a.docx", made()["english.docx"])
    assert [line.kind for line in article.lines][:5] == ["heading", "prose", "prose", "prose", "bullet"]
    assert article.text.endswith("- A point of a list\nLength of the pier | 900 metres\n")
    assert place_at(article.places, article.text.index(ENGLISH[0])) == "paragraph 2"


def test_a_book_is_read_chapter_by_chapter() -> None:
    (article,) = articles("b.epub", made()["book.epub"])
    assert (article.title, article.date) == ("كتاب الميناء", datetime.date(2020, 1, 2))
    assert "unseen" not in article.text
    assert place_at(article.places, article.text.index(ARABIC[1])) == "chapter 2, paragraph 3"


def test_a_place_is_told_by_its_parts() -> None:
    assert described("page 3, line 12") == {"page": 3, "line": 12}
    assert described("") == {}


# The index, answers and their re-checking


def test_answers_from_every_kind_of_file_are_checked_against_the_originals(mixed: tuple[Path, Path]) -> None:
    corpus, folder = mixed
    run = CliRunner()
    schemas = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in (ROOT / "tests/schemas").iterdir()}
    registry = Registry().with_resources((name, Resource.from_contents(schema)) for name, schema in schemas.items())
    answer = Draft202012Validator(schemas["answer.schema.json"], registry=registry)
    cited: set[str] = set()
    for name in ASKED:
        question = (
            "What did the new harbour cost?" if "english" in name or "book" in name else "من افتتح الميناء الجديد؟"
        )
        asked = run.invoke(main, ["ask", question, "--source", name, "--index", str(folder), "--llm", "none", "--json"])
        assert asked.exit_code == 0, asked.output
        told = json.loads(asked.stdout)
        answer.validate(told)
        assert check_answer(told, corpus) == []
        for citation in (one for claim in told["claims"] for one in claim["citations"]):
            text = extract(open_source(corpus, citation["path"])).text
            assert text[citation["start"] : citation["end"]] == citation["quote"]
            assert ("original" in citation) == citation["path"].endswith((".pdf", ".docx", ".epub", ".html"))
            cited.add(citation["path"])
        for problem, changed in (
            ("another place", _with_citation(told, original={"page": 9, "line": 9})),
            ("does not resolve", _with_citation(told, quote="something else")),
        ):
            if told["claims"] and "original" in told["claims"][0]["citations"][0]:
                assert any(problem in one for one in check_answer(changed, corpus)), problem
    assert len(cited) >= 6, cited
    found = run.invoke(main, ["search", "harbour", "--source", "english.pdf", "--index", str(folder)])
    assert "english.pdf:1 (page 1, line " in found.stdout


def _with_citation(answer: dict, **changes: object) -> dict:
    changed = json.loads(json.dumps(answer))
    if changed["claims"]:
        changed["claims"][0]["citations"][0] |= changes
    return changed


def test_another_reader_or_another_file_is_told_apart(mixed: tuple[Path, Path], tmp_path: Path) -> None:
    _, folder = mixed
    asked = CliRunner().invoke(
        main,
        [
            "ask",
            "What did the new harbour cost?",
            "--source",
            "english.docx",
            "--index",
            str(folder),
            "--llm",
            "none",
            "--json",
        ],
    )
    answer = json.loads(asked.stdout)
    assert answer["index"]["extracted"]["english.docx"]["reader"] == FORMATS[".docx"].reader
    (tmp_path / "english.docx").write_bytes(made()["english.docx"])
    assert check_answer(answer, tmp_path) == []
    (tmp_path / "english.docx").write_bytes(originals.docx(ENGLISH_TITLE, ENGLISH[::-1]))
    problems = check_answer(answer, tmp_path)
    assert "english.docx is not the file that was indexed: it changed since" in problems
    answer["index"]["extracted"]["english.docx"]["reader"] = "docx/0 other"
    assert any("read by docx/0 other, here by docx/1" in problem for problem in check_answer(answer, tmp_path))


def test_an_unchanged_file_is_not_converted_again_and_a_new_reader_converts_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus, folder = tmp_path / "corpus", tmp_path / "index"
    corpus.mkdir()
    (corpus / "a.docx").write_bytes(originals.docx(ENGLISH_TITLE, ENGLISH))
    refresh_index(corpus, folder)
    again = refresh_index(corpus, folder)
    assert (again.unchanged, again.encoded) == (1, 0)
    reader = read_folder_manifest(folder).articles[0].reader
    monkeypatch.setitem(FORMATS, ".docx", type(FORMATS[".docx"])("docx", 2, ("lxml",), 10**9))
    refresh_index(corpus, folder)
    assert read_folder_manifest(folder).articles[0].reader != reader


def test_a_missing_library_skips_the_file_and_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr("index.formats.metadata.version", missing)
    monkeypatch.setitem(FORMATS, ".pdf", type(FORMATS[".pdf"])("pdf", 1, ("a library that is not there",), 10**9))
    with pytest.raises(UnreadableArticle, match=r"pip install 'sanad\[readers\]'"):
        parse_article("a.pdf", b"%PDF")
    monkeypatch.setitem(sys.modules, "docx", None)
    with pytest.raises(UnreadableArticle, match=r"a\.docx: .*pip install 'sanad\[readers\]'"):
        parse_article("a.docx", originals.packed({"a": "b"}))


def test_text_alone_pays_for_no_other_format() -> None:
    heavy = "trafilatura lxml docx pdfminer charset_normalizer defusedxml"
    code = f"""
import sys
from index.reader import parse_article
parse_article("a.txt", "A line of text.".encode())
print(*sorted(set({heavy!r}.split()) & set(sys.modules)))
"""
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.split() == []


# Encodings


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_byte_order_mark_is_believed(encoding: str) -> None:
    text = "سطر أول.\nA second line.\n"
    data = text.encode(encoding) if encoding in ("utf-16", "utf-32") else f"\ufeff{text}".encode(encoding)
    assert decode("a.txt", data).text == text


@pytest.mark.parametrize(
    ("text", "encoding", "name"),
    [
        ("\n".join(ARABIC), "cp1256", "windows-1256"),
        (
            "Президент заявил, что встреча состоится в понедельник в Москве и будет посвящена торговле.",
            "cp1251",
            "windows-1251",
        ),
        ("ראש הממשלה אמר כי הפגישה תתקיים ביום שני בירושלים", "cp1255", "windows-1255"),
    ],
)
def test_a_sure_encoding_is_detected_and_said(text: str, encoding: str, name: str) -> None:
    decoded = decode("a.txt", text.encode(encoding))
    assert (decoded.text, decoded.encoding, decoded.detected) == (text, name, True)


@pytest.mark.parametrize("data", ["نص".encode("cp1256"), b"good so far \xff\xff", b"caf\xe9", bytes(range(1, 256)) * 8])
def test_an_unsure_encoding_is_refused_with_its_offset(data: bytes) -> None:
    with pytest.raises(UnreadableArticle, match=r"not UTF-8 \(byte 0x.. at offset \d+\).*save it as UTF-8"):
        decode("a.txt", data)


def test_a_false_declaration_is_refused() -> None:
    with pytest.raises(UnreadableArticle, match="no known encoding"):
        parse_article("a.html", b"<html><meta charset=klingon-8><p>caf\xe9 text here</p>")


# PDF


def test_arabic_as_it_is_seen_comes_back_as_it_is_read() -> None:
    (article,) = articles("a.pdf", made()["arabic.pdf"])
    assert " ".join(article.text.split()) == " ".join(ARABIC)
    assert not any("\ufb50" <= character <= "\ufeff" for character in article.text)


def test_arabic_drawn_in_reading_order_stays_as_it_is() -> None:
    (article,) = articles("a.pdf", originals.pdf([column(40, ARABIC)]))
    assert " ".join(article.text.split()) == " ".join(ARABIC)


def test_arabic_whose_order_is_not_sure_is_refused_or_left_out() -> None:
    words = "تعاون سلام تجارة"
    with pytest.raises(UnreadableArticle, match="is not sure"):
        parse_article("a.pdf", originals.pdf([column(40, (displayed(words),))]))
    many = [*column(40, ENGLISH * 4), (40, 300, displayed(words))]
    (article,) = articles("a.pdf", originals.pdf([many]))
    assert article.notes == ("a.pdf: 1 lines with right-to-left words are left out, their order is not sure",)
    assert ENGLISH[1] in article.text


@pytest.mark.parametrize(
    ("seen", "read_as"),
    [
        (".2025 ماع يف لاق", "قال في عام 2025."),
        ("(ىربكلا) ةنيدملا", "المدينة (الكبرى)"),
        ("F-35 ةرئاط نم", "من طائرة F-35"),
        ("The word مالس means peace (see 12).", "The word سلام means peace (see 12)."),
        ("ةبسن %10,5 نم", "من 10,5% نسبة"),
        ("Plain text stays.", "Plain text stays."),
        ("12-10 نم", "من 10-12"),
        ("3D نم", "من 3D"),
    ],
)
def test_a_seen_line_is_read(seen: str, read_as: str) -> None:
    assert to_logical(seen) == read_as


def test_in_a_right_to_left_text_a_line_of_both_directions_or_of_none_runs_so_too() -> None:
    assert to_logical(".19:00", rtl=True) == "19:00."
    assert to_logical(":ةخسنلا SomeLongForeignName", rtl=True) == "SomeLongForeignName النسخة:"
    assert to_logical("An English line.", rtl=True) == "An English line."


def test_marks_stay_on_their_letters_when_a_line_is_turned() -> None:
    read_as = "من المعل\u0651م"
    assert to_logical("مل\u0651عملا نم") == read_as


def test_brackets_that_were_meant_and_not_seen_are_kept() -> None:
    lines = [displayed(line).translate(str.maketrans("()", ")(")) for line in ARABIC]
    assert read_seen(lines).lines == ARABIC


def test_a_sign_belongs_to_the_letter_it_was_drawn_with() -> None:
    right_to_left = [("إ", 70, 80), ("ن", 60, 70), ("\u0651", 62, 62)]
    left_to_right = [("\u0651", 69, 69), ("ن", 60, 70), ("إ", 70, 80)]
    for order in (right_to_left, left_to_right):
        glyphs = [Glyph(text, x0, x1, 100, 10) for text, x0, x1 in order]
        (line,) = page_lines(list(pdf_pages._with_marks(glyphs)))
        assert to_logical(line["text"]) == "إن\u0651"


def test_columns_are_read_one_after_the_other() -> None:
    page = [(40, 800, "A TITLE THAT RUNS OVER BOTH OF THE COLUMNS OF THE WHOLE PAGE AND MORE")]
    page += [*column(40, COLUMN), *column(310, OTHER_COLUMN)]
    (article,) = articles("a.pdf", originals.pdf([page]))
    assert " ".join(COLUMN) + " " not in article.text.split("\n")[0]
    assert " ".join((*COLUMN,)) in article.text
    assert " ".join(OTHER_COLUMN) in article.text
    assert article.text.index(COLUMN[0]) < article.text.index(OTHER_COLUMN[0])
    assert place_at(article.places, article.text.index(OTHER_COLUMN[1])) == "page 1, line 7"


def test_of_arabic_columns_the_right_one_is_read_first() -> None:
    halves = ARABIC[0].split(" في ")[0], "وقال إن العمل في الميناء لم ينته"
    first, second = (tuple(f"{half} {n}" for n in range(1, 6)) for half in halves)
    page = [*column(-560, tuple(map(displayed, first))), *column(-290, tuple(map(displayed, second)))]
    (article,) = articles("a.pdf", originals.pdf([page]))
    assert article.text.index(first[4]) < article.text.index(second[0])


def test_a_table_is_read_row_by_row() -> None:
    page = [*column(40, ("Year", "2023", "2024", "2025")), *column(200, ("Ships", "120", "140", "170"))]
    (article,) = articles("a.pdf", originals.pdf([[*page, *column(40, ENGLISH, 600)]]))
    assert "2024 140" in article.text


def test_running_heads_and_page_numbers_are_no_text_and_paragraphs_go_on() -> None:
    pages = [[(40, 820, "The Harbour Gazette"), *column(40, ENGLISH), (300, 30, str(n))] for n in range(1, 5)]
    pages[1][1:4] = column(
        40, ("This sentence begins at the foot of a page and it has no end there because the page is",)
    )
    pages[2][1:4] = column(40, ("full of other things.",))
    (article,) = articles("a.pdf", originals.pdf(pages))
    assert "Gazette" not in article.text
    assert "because the page is full of other things." in article.text
    assert place_at(article.places, article.text.index("full of other")) == "page 3, line 2"


def test_a_word_divided_at_the_end_of_a_line_is_joined() -> None:
    lines = (
        "The minister said that the new harbour would be the largest of the whole coun-",
        "try and of its neighbours.",
    )
    (article,) = articles("a.pdf", originals.pdf([column(40, lines)]))
    assert "the whole country and of" in article.text


def test_a_pdf_without_text_is_refused() -> None:
    with pytest.raises(UnreadableArticle, match="OCR"):
        parse_article("scan.pdf", originals.pdf([[]]))


def test_what_exhausts_time_or_memory_ends_its_own_process_only(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = _pdf_with_stream(b"0 0 m " * 3_000_000)
    began = time.perf_counter()
    monkeypatch.setattr("index.formats.pdf_reader._MAX_SECONDS", 2)
    with pytest.raises(UnreadableArticle, match=r"bomb\.pdf: "):
        parse_article("bomb.pdf", bomb)
    assert time.perf_counter() - began < 60


def _pdf_with_stream(content: bytes) -> bytes:
    import zlib

    stream = zlib.compress(content, 9)
    head = (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>endobj\n4 0 obj<</Filter/FlateDecode/Length "
        + str(len(stream)).encode() + b">>stream\n"
    )  # fmt: skip
    return head + stream + b"\nendstream endobj\ntrailer<</Root 1 0 R>>\n%%EOF"


# What was made to do harm, or is broken


@pytest.mark.parametrize("suffix", [".docx", ".epub"])
@pytest.mark.parametrize(
    ("members", "limit"),
    [({"a": os.urandom(2_000)}, "MAX_UNPACKED"), ({"a": b"0" * 5_000_000}, ""), ({"a": b"", "b": b""}, "MAX_MEMBERS")],
    ids=["large", "ratio", "many"],
)
def test_an_archive_that_unpacks_beyond_limits_is_refused(
    suffix: str, members: dict[str, str | bytes], limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if limit:
        monkeypatch.setattr(packed, limit, 1)
    with pytest.raises(UnreadableArticle, match="would unpack to"):
        parse_article(f"bomb{suffix}", originals.packed(members))


def test_no_entity_is_expanded_and_nothing_is_fetched() -> None:
    laughs = '<!DOCTYPE p [<!ENTITY a "haha"><!ENTITY b "&a;&a;&a;">]><package>&b;</package>'
    outside = '<!DOCTYPE p [<!ENTITY a SYSTEM "file:///etc/hostname">]><package>&a;</package>'
    for package in (laughs, outside):
        with pytest.raises(UnreadableArticle, match="its XML cannot be read"):
            parse_article("book.epub", originals.epub("", [()], package=package))


def test_deep_nesting_ends_with_a_reason() -> None:
    deep = b"<html><body>" + b"<div>" * 100_000 + b"<p>The harbour was closed on Monday because of a storm.</p>"
    with pytest.raises(UnreadableArticle, match=r"deep\.html: no main text"):
        parse_article("deep.html", deep)
    row = {"text": "<div>" * 100_000 + "The harbour was closed."}
    (source,) = sources_of("deep.jsonl", originals.json_lines([row]), Fields(html=True))
    assert isinstance(source, Source)
    with pytest.raises(UnreadableArticle, match="no text"):
        read_article(source)


@pytest.mark.parametrize("suffix", [suffix for suffix in SUFFIXES if suffix in FORMATS])
@pytest.mark.parametrize("data", [b"", b"\x00\x01\x02", b"PK\x03\x04", b"%PDF-1.4", b"<html></html>", b"\xff\xfe\x00"])
def test_a_broken_file_is_named_and_refused(suffix: str, data: bytes) -> None:
    with pytest.raises(UnreadableArticle) as caught:
        parse_article(f"folder/broken{suffix}", data)
    assert str(caught.value).startswith(f"folder/broken{suffix}")
    assert "\n" not in str(caught.value)


def test_a_file_beyond_its_limit_is_refused() -> None:
    with pytest.raises(UnreadableArticle, match="of at most 10 MB is read; split it"):
        parse_article("large.html", b" " * 10_000_001)


# Records


def test_a_record_is_found_by_its_id_wherever_it_moves(tmp_path: Path) -> None:
    rows = [{"id": n, "title": f"Title {n}", "text": f"This is article number {n}."} for n in range(1, 4)]
    file = tmp_path / "news.jsonl"
    file.write_bytes(originals.json_lines(rows))
    before = open_source(tmp_path, "news.jsonl#2")
    file.write_bytes(originals.json_lines([{"id": "new", "text": "This one came first."}, *rows]))
    assert open_source(tmp_path, "news.jsonl#2") == before
    assert extract(before).text == "# Title 2\nThis is article number 2."
    with pytest.raises(UnreadableArticle, match=r"no such record"):
        open_source(tmp_path, "news.jsonl#9")
    with pytest.raises(UnreadableArticle, match="outside"):
        open_source(tmp_path, "../news.jsonl#2")


def test_fields_are_named_beside_the_file(tmp_path: Path) -> None:
    row = {
        "nid": 5,
        "kopf": "عنوان",
        "lead": "<p>قال الوزير.</p>",
        "rest": "<p>A &amp; B</p>",
        "day": "5 March 2024",
        "at": "u",
    }
    (tmp_path / "news.jsonl").write_bytes(originals.json_lines([row]))
    with pytest.raises(UnreadableArticle, match=r"name it in fields\.toml"):
        open_source(tmp_path, "news.jsonl#5")
    (tmp_path / "fields.toml").write_text(
        'text = ["lead", "rest"]\ntitle = "kopf"\ndate = "day"\nurl = "at"\nid = "nid"\nhtml = true\n', encoding="utf-8"
    )
    article = read_article(open_source(tmp_path, "news.jsonl#5"))
    assert article.text == "# عنوان\nقال الوزير.\nA & B\n"
    assert (article.title, article.date, article.url) == ("عنوان", datetime.date(2024, 3, 5), "u")
    (tmp_path / "fields.toml").write_text("texts = 1\n", encoding="utf-8")
    with pytest.raises(UnreadableArticle, match=r"fields\.toml: .*docs/formats\.md"):
        open_source(tmp_path, "news.jsonl#5")


def test_records_that_cannot_be_read_are_named_and_the_others_are_read() -> None:
    data = b'{"id":1,"text":"One is here."}\n{"id":1,"text":"Again."}\n[]\n{\n\n{"text":"Without an id."}\n{"id":8}\n'
    found = list(sources_of("a.jsonl", data))
    assert [one.path for one in found if isinstance(one, Source)] == ["a.jsonl#1", "a.jsonl#5", "a.jsonl#8"]
    assert [str(one).split(":")[0] for one in found if isinstance(one, UnreadableArticle)] == [
        "a.jsonl#1", "a.jsonl, line 3", "a.jsonl, line 4",
    ]  # fmt: skip
    with pytest.raises(UnreadableArticle, match="no text"):
        read_article(found[-1])  # type: ignore[arg-type]


def test_a_csv_file_may_have_long_cells_and_other_delimiters() -> None:
    long = "A sentence of an article. " * 20_000
    (article,) = articles("a.csv", f'id;body\n1;"{long}\nNext ""line""."\n'.encode())
    assert article.text == f'{long}\nNext "line".'


def test_an_empty_first_record_does_not_hide_the_others() -> None:
    first, second = sources_of("a.jsonl", b'{"text": ""}\n{"text": "Here it is."}\n')
    assert isinstance(second, Source)
    assert read_article(second).text == "Here it is."
    with pytest.raises(UnreadableArticle, match=r"a\.jsonl#1: no text"):
        read_article(first)  # type: ignore[arg-type]


def test_a_file_of_questions_holds_no_articles() -> None:
    assert list(sources_of("gold.jsonl", b'{"id": 1, "question": "Who?"}\n')) == []


# The page


def test_uploads_take_every_format_and_refuse_what_cannot_be_read(tmp_path: Path) -> None:
    files = made()
    assert {one.name for one in uploads.add(tmp_path, files.items()) if one.problem is None} == set(files)
    bad = {
        "b.pdf": b"%PDF",
        "b.docx": b"PK",
        "b.epub": b"PK",
        "b.html": b"<p></p>",
        "b.jsonl": b"[]\n",
        "b.csv": b"a,b\n",
    }
    assert {one.name: one.problem for one in uploads.add(tmp_path, bad.items())} == dict.fromkeys(bad, "text")


def test_the_pane_shows_the_cited_words_and_their_place(mixed: tuple[Path, Path]) -> None:
    corpus, folder = mixed
    entries = {entry.path: entry for entry in read_folder_manifest(folder).articles}
    for passage in Index.open(folder).passages:
        cited = Citation.of(passage)
        reading = read(corpus, entries[passage.path], cited)
        assert [line.marked for line in reading.lines if line.marked] == [passage.text]
        assert reading.converted == bool(
            passage.place or passage.path.startswith("archive") or passage.path.startswith("table")
        )
    (found,) = [p for p in Index.open(folder).passages if p.path == "english.pdf" and "250 million" in p.text]
    assert texts_in("en").place(Citation.of(found)).replace("\u2068", "").replace("\u2069", "") == "page 1, line 2"
    assert "الصفحة" in texts_in("ar").place(Citation.of(found))
    entry = ArticleEntry("wide.txt", "", "", None, (), 1, 1)
    assert read(corpus, entry).lines[0].before == ENGLISH_TITLE
