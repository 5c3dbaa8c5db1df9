"""Documents and folders that were made to hurt: what they cost grows with their size, and nothing of them is lost or leaks."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from faults.letters import Letters
from faults.tally import Tally
from index import Index, refresh_index
from index.article import Article
from index.asked import wanted_value
from index.dates import find_dates
from index.names import name_terms
from index.reader import parse_article
from index.search import MAX_QUESTION
from index.segment import MAX_CHARACTERS, segment
from qa.cli import main
from qa.conversation import complete
from qa.demands import names
from qa.parts import parts
from qa.speaker import quotations, read_report
from qa.verify.numbers import quantities
from qa.when import find_when

# What is repeated, with what stands once before and after it.
SHAPES: dict[str, tuple[str, str, str]] = {
    "words": ("", "word ", ""),
    "one long word": ("", "a", ""),
    "Arabic words": ("", "كلمة ", ""),
    "spaces": ("a", " ", "b"),
    "initials": ("", "a. ", ""),
    "numbered": ("", "1. ", ""),
    "marks": ("a", "! ", ""),
    "Arabic marks": ("", "؟ ", ""),
    "dots": ("", ".", ""),
    "quotation marks": ("", '"', ""),
    "open guillemets": ("", "«a ", ""),
    "brackets": ("", "(", ""),
    "a date and spaces": ("1 May", " ", "x"),
    "a month and spaces": ("May 1", " ", "x"),
    "dates": ("", "1 May 2020 ", ""),
    "a weekday and spaces": ("Monday", " ", "x"),
    "digits": ("", "1", ""),
    "numbers": ("", "1 2,", ""),
    "commas": ("", ",", ""),
    "reports": ("", "said ", ""),
    "Arabic reports": ("", "قال محمد إن ", ""),
    "hyphens": ("", "a-", ""),
    "apostrophes": ("", "a'", ""),
    "abbreviations": ("", "U.S. ", ""),
    "links": ("", "https://a ", ""),
    "handles": ("", "@a", ""),
    "dashes": ("", "—", ""),
    "an attribution": ("— a", "(@", "x"),
    "zero width": ("", "\u200b", "a"),
    "tatweel": ("", "\u0640", "ا"),
    "combining marks": ("a", "\u0301", ""),
    "short lines": ("", "ab cd\n", ""),
    "bullets": ("", "- a\n", ""),
    "headings": ("", "# a\n", ""),
    "quote marks": ("", ">", "a"),
    "posts": ("", "— a (@b) c\n", ""),
    "rules": ("", "---\n", ""),
    "questions": ("", "who and what ", ""),
    "number words": ("", "مئة و", ""),
    "Chinese": ("", "日。", ""),
    "bidi": ("", "\u202ea\u202c ", ""),
    "role tokens": ("", "<a", ""),
    "capitals": ("", "Al Bo ", ""),
    "ligatures": ("", "ﷺ", ""),
    "sections": ("", "1.1", ""),
    "separators": ("a", "\u2028", "b"),
    "carriage returns": ("a", "\r", "b"),
    "tags": ("", "<b><i>", ""),
}
GROWTH = 3.5  # of processor time when the size doubles; a square would be 4
TELLING = 0.1  # seconds: below it noise decides


def made(shape: str, size: int) -> str:
    before, again, after = SHAPES[shape]
    return before + again * (size // len(again)) + after


def cost(work: Callable[[str], object], text: str) -> float:
    began = time.thread_time()
    work(text)
    return time.thread_time() - began


def article(text: str) -> Article:
    read = parse_article("a.md", text.encode())
    for passage in segment(read):
        assert read.text[passage.start : passage.end] == passage.text
    return read


LINE = MAX_CHARACTERS
QUESTION = MAX_QUESTION
READS: dict[str, tuple[Callable[[str], object], int, float]] = {
    # of an article: any size; of a line and of a question: at most their size, and then a limit in seconds
    "an article": (article, 0, 0), "its dates": (find_dates, 0, 0), "its names": (name_terms, 0, 0),
    "when": (lambda text: find_when(text, None), LINE, 1), "a report": (lambda text: read_report(text, "en"), LINE, 1),
    "an Arabic report": (lambda text: read_report(text, "ar"), LINE, 1), "quotations": (quotations, LINE, 1),
    "quantities": (quantities, LINE, 1), "parts": (parts, QUESTION, 1), "names": (names, QUESTION, 1),
    "a value": (wanted_value, QUESTION, 1), "a follow-up": (lambda text: complete(text, text), QUESTION, 1),
}  # fmt: skip


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("read", READS)
def test_what_a_text_costs_grows_with_its_length(tally: Tally, read: str) -> None:
    work, size, limit = READS[read]
    tally.about = f"Texts of one repeated shape, read for {read}: cost at twice the length, or at the longest allowed"
    work("Der Hund said on 1 May 2020 قال محمد إن")  # loads what is loaded once
    for shape in SHAPES:
        tally.tries += 1
        if size:
            taken = cost(work, made(shape, size))
            assert taken < limit, (shape, taken)
            tally.saw("within the limit")
            continue
        length = 400_000 if tally.whole else 10_000
        once = cost(work, made(shape, length))
        if once > TELLING:
            growth = cost(work, made(shape, 2 * length)) / once
            if growth > GROWTH:  # noise is not repeated
                growth = min(growth, cost(work, made(shape, 2 * length)) / cost(work, made(shape, length)))
            assert growth < GROWTH, (shape, growth)
        assert once < 60, (shape, once)
        tally.saw("in proportion")


def indexed(folder: Path, corpus: Path) -> Index:
    refresh_index(corpus, folder, Letters())
    return Index.open(folder, Letters())


@pytest.mark.timeout(3600)
def test_a_line_of_50_megabytes(tally: Tally, tmp_path: Path) -> None:
    tally.about = "One line of 50 MB without a sentence's end, and one of words and stops"
    megabytes = 50 if tally.whole else 0.2
    for content in ("كلمة word ", "A sentence ends here. "):
        tally.tries += 1
        text = content * int(megabytes * 1_000_000 / len(content.encode()))
        read = parse_article("a.txt", text.encode())
        passages = segment(read)
        assert {passage.line for passage in passages} == {1}
        assert all(read.text[passage.start : passage.end] == passage.text for passage in passages)
        assert max(len(passage.text) for passage in passages) <= MAX_CHARACTERS
        letters = sum(len(passage.text.replace(" ", "")) for passage in passages)
        assert letters == len(text.replace(" ", ""))
        tally.saw("cut into passages, every letter kept")


@pytest.mark.timeout(3600)
def test_a_million_empty_lines(tally: Tally, tmp_path: Path) -> None:
    tally.about = "A million empty lines, and a sentence after them"
    count = 1_000_000 if tally.whole else 20_000
    for empty in ("\n", "\r\n", " \t\n", "\u200f\n"):
        tally.tries += 1
        (passage,) = segment(parse_article("a.txt", (empty * count + "The end is here.").encode()))
        assert (passage.line, passage.text) == (count + 1, "The end is here.")
        tally.saw("found in its line")


def test_a_heading_without_end(tally: Tally, tmp_path: Path) -> None:
    tally.about = "A heading of a megabyte over a thousand lines: the index does not hold it a thousand times"
    tally.tries += 1
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    lines = "".join(f"Line {n} of it says something.\n" for n in range(1000))
    (corpus / "a.md").write_text(f"# {'heading' * 150_000}\n{lines}", encoding="utf-8")
    indexed(tmp_path / "index", corpus)
    size = sum(path.stat().st_size for path in (tmp_path / "index").rglob("*"))
    tally.figures["index, MB"] = round(size / 1e6, 1)
    assert size < 30e6
    tally.saw("a small index")


ODD_NAMES = (
    "two\nlines.txt",
    "tab\t.txt",
    "\x1b[2Jclear.txt",
    "\u202etxt.exe.txt",
    "\u2066a.txt",
    "\u2028.txt",
    " .txt",
    "'; rm -rf ~ #.txt",
    "$(touch hacked).txt",
    "<script>alert(1)<.txt",
    "--index.txt",
    "-k.md",
    "%2e%2e%2f.txt",
    "a\\..\\b.txt",
    "é.txt",
    "e\u0301.txt",
    "CON.txt",
    "*.txt",
    "[a].txt",
    "?.txt",
    "ملف.txt",
    "name.TXT",
    "a" * 240 + ".txt",
)


def test_odd_names_of_files(tally: Tally, tmp_path: Path) -> None:
    tally.about = (
        "Names of files with line breaks, terminal codes, bidi overrides, shell and HTML; one that is not Unicode"
    )
    corpus, index = tmp_path / "corpus", tmp_path / "index"
    corpus.mkdir()
    for number, name in enumerate(ODD_NAMES):
        tally.tries += 1
        (corpus / name).write_text(f"Harbour number{number} was closed.\n", encoding="utf-8")
    (corpus / os.fsdecode(b"not-utf-8-\xff.txt")).write_text("Harbour none.\n", encoding="utf-8")
    tally.tries += 1
    runner = CliRunner()
    made = runner.invoke(main, ["index", str(corpus), "--index", str(index)])
    assert made.exit_code == 0, made.output
    skipped = made.stderr.splitlines()
    assert len(skipped) == 5
    assert all(line.startswith("sanad: skipped '") and line.endswith("rename it") for line in skipped)
    opened = Index.open(index)
    assert len({passage.path for passage in opened.passages}) == len(ODD_NAMES) - 4
    shown = runner.invoke(main, ["search", "harbour", "--index", str(index), "-k", "50"])
    assert shown.stdout.count("\n") == 2 * len(opened.passages)
    assert not set("\x1b\u202e\u2066\u2028") & set(shown.output)
    assert not (tmp_path / "hacked").exists()
    assert not Path("hacked").exists()
    tally.outcomes |= {"indexed and shown without effect": len(ODD_NAMES) - 4, "skipped by name": 5}


def test_links_out_and_closed_files(tally: Tally, tmp_path: Path) -> None:
    tally.about = (
        "Links out of the corpus (files, folders, to themselves, into /proc), devices, pipes, sockets, unreadable files"
    )
    corpus, index = tmp_path / "corpus", tmp_path / "index"
    (corpus / "inside").mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.txt").write_text("The secret word is xyzzy.\n", encoding="utf-8")
    (corpus / "good.txt").write_text("The harbour was closed.\n", encoding="utf-8")
    (corpus / "link.txt").symlink_to(tmp_path / "outside" / "secret.txt")
    (corpus / "folder").symlink_to(tmp_path / "outside")
    (corpus / "relative.txt").symlink_to("../outside/secret.txt")
    (corpus / "twice.txt").symlink_to("link.txt")
    (corpus / "loop.txt").symlink_to("loop.txt")
    (corpus / "up").symlink_to("..")
    (corpus / "gone.txt").symlink_to("nothing")
    (corpus / "environ.txt").symlink_to("/proc/self/environ")
    (corpus / "zero.txt").symlink_to("/dev/zero")
    os.mkfifo(corpus / "pipe.txt")
    (corpus / "directory.txt").mkdir()
    (corpus / "inside" / "closed.txt").write_text("Nobody may read this.\n", encoding="utf-8")
    (corpus / "inside" / "closed.txt").chmod(0)
    tally.tries += 12
    done = refresh_index(corpus, index, Letters())
    paths = {passage.path for passage in Index.open(index, Letters()).passages}
    if os.geteuid() == 0:  # to whom no file is closed
        assert paths == {"good.txt", "inside/closed.txt"}
    else:
        assert paths == {"good.txt"}
        assert done.skipped[0].startswith("inside/closed.txt: Permission denied; make it readable")
    assert not any(b"xyzzy" in path.read_bytes() for path in index.rglob("*") if path.is_file())
    tally.saw("nothing from outside is in the index")


def test_a_link_that_is_swapped_later(tally: Tally, tmp_path: Path) -> None:
    tally.about = "An article that became a link out of the corpus after it was indexed: nothing of it is shown"
    from qa import Sanad

    corpus, index = tmp_path / "corpus", tmp_path / "index"
    (corpus / "sub").mkdir(parents=True)
    (corpus / "sub" / "a.txt").write_text("The harbour was closed on Monday.\n", encoding="utf-8")
    (corpus / "b.txt").write_text("A ferry sank on Tuesday.\n", encoding="utf-8")
    refresh_index(corpus, index)
    for way in ("file", "folder"):
        tally.tries += 1
        outside = tmp_path / f"outside-{way}"
        outside.mkdir()
        (outside / "a.txt").write_text("The harbour was closed on Monday.\n", encoding="utf-8")
        target = corpus / "sub" / "a.txt" if way == "file" else corpus / "sub"
        target.rename(tmp_path / f"aside-{way}")
        target.symlink_to(outside / "a.txt" if way == "file" else outside)
        answer = Sanad.open(index, "none").ask("When was the harbour closed?")
        assert "sub/a.txt" not in {citation.path for citation in answer.citations}
        assert "sub/a.txt" not in {hit.passage.path for hit in answer.nearest}
        assert any("outside the corpus" in note for note in answer.notes)
        target.unlink()
        (tmp_path / f"aside-{way}").rename(target)
        tally.saw("left out, and said")
