"""Reading: every character survives, lines and kinds are what a person sees, bad files are named with their offset."""

from __future__ import annotations

import datetime
import time
from pathlib import Path

import pytest
from conftest import ALLIANCE, CORPUS, TOKYO

from index.article import Article
from index.errors import UnreadableArticle, UsageError
from index.reader import find_articles, parse_article, read_bytes


def parse(text: str, path: str = "a.txt") -> Article:
    return parse_article(path, text.encode())


def kinds(article: Article) -> dict[int, str]:
    return {line.number: line.kind for line in article.lines}


def test_the_two_articles_are_read_as_a_person_sees_them() -> None:
    alliance = parse_article(ALLIANCE, read_bytes(CORPUS, ALLIANCE))
    tokyo = parse_article(TOKYO, read_bytes(CORPUS, TOKYO))
    assert alliance.date == tokyo.date == datetime.date(2025, 10, 28)
    assert tokyo.title == 'ترامب في طوكيو… "عصر ذهبي" جديد للتحالف الياباني–الأميركي'
    assert alliance.title == alliance.text.split("\n")[5]  # the line above is prose, and the first a dateline
    assert [n for n, kind in kinds(alliance).items() if kind == "heading"] == [1, 6, 11, 15, 22, 27, 32]
    assert [n for n, kind in kinds(alliance).items() if kind == "bullet"] == [16, 17, 18, 19]
    assert [n for n, kind in kinds(tokyo).items() if kind == "heading"] == [1, 5, 10, 15, 19, 21, 24, 30]
    assert [n for n, kind in kinds(tokyo).items() if kind == "post"] == [3, 4, 8, 9, 13, 14]
    assert [n for n, kind in kinds(tokyo).items() if kind == "furniture"] == [36]


def test_nothing_is_changed_while_decoding() -> None:
    text = (
        "\ufeffعنـوان\r\n\r\n\u200fفي\u00a0٢٠٢٥ قال: \u2066\u201cنعم\u201d\u2069.\r\nسطر ثانٍ طويل، وفيه كلام كثير.\r\n"
    )
    article = parse(text)
    assert article.text == text
    assert [line.number for line in article.lines] == [1, 3, 4]
    assert text[article.lines[0].start : article.lines[0].end] == "عنـوان"


def test_only_newlines_end_a_line() -> None:
    article = parse("first\u2028still first\x0band\x85more here.\nsecond line of text.\n")
    assert [line.number for line in article.lines] == [1, 2]


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"", "empty"),
        (b" \n\t\n", "empty"),
        ("نص".encode("cp1256"), "not UTF-8 (byte 0xe4 at offset 0)"),
        (b"good so far \xff\xff", "not UTF-8 (byte 0xff at offset 12)"),
        (b"\xff\xfet\x00e", "not the UTF-16 it says it is (offset 4)"),
        (b"PK\x03\x04\x00\x01", "binary data at offset 4"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_offset(data: bytes, complaint: str) -> None:
    with pytest.raises(UnreadableArticle) as caught:
        parse_article("folder/bad.txt", data)
    assert "folder/bad.txt" in str(caught.value)
    assert complaint in str(caught.value)


@pytest.mark.parametrize(
    ("text", "path", "date"),
    [
        ("القاهرة – ٩ تشرين الأول/أكتوبر ٢٠٢٤\nنص الخبر كامل هنا.\n", "a.txt", datetime.date(2024, 10, 9)),
        ("London, 3 March 2021\nThe text of the story is here.\n", "a.txt", datetime.date(2021, 3, 3)),
        ("A headline\nThe text of the story is here.\n", "2020-02-29-story.txt", datetime.date(2020, 2, 29)),
        ("A headline\nThe text of the story is here.\n", "2021-02-29-story.txt", None),
        ("---\ntitle: T\ndate: 2019-05-01\n---\nThe text of the story.\n", "a.md", datetime.date(2019, 5, 1)),
        ("Nothing here says when it was written.\n", "a.txt", None),
    ],
)
def test_the_date_of_an_article(text: str, path: str, date: datetime.date | None) -> None:
    assert parse(text, path).date == date


DATELINES = [
    "القاهرة – ٩ تشرين الأول/أكتوبر ٢٠٢٤",
    "الرباط، المغرب (رويترز) - الأربعاء 12 مارس 2025",
    "بيروت: يوم الجمعة 3 كانون الثاني 2020",
    "2024-05-06 | عمّان",
    "LONDON (Reuters) — March 3, 2021",
    "Nairobi, Kenya | Tuesday, 4 June 2019",
    "Sat, 1 February 2020 – Salt Lake City",
    "3 March 2021",
]


@pytest.mark.parametrize("dateline", DATELINES)
def test_a_dateline_is_no_title(dateline: str) -> None:
    body = "The text of the story is here, and it is as long as a sentence of a story should be.\n"
    below = parse(f"{dateline}\nA headline of the day\n{body}", "a.txt")
    later = parse(f"{dateline}\n{body}{body}Under another heading\n{body}", "a.txt")
    alone = parse(f"{dateline}\n{body}", "a.txt")
    above = parse(f"A headline of the day\n{dateline}\n{body}", "a.txt")
    titles = [article.title for article in (below, later, alone, above)]
    assert titles == ["A headline of the day", "Under another heading", "a", "A headline of the day"]
    assert len({article.date for article in (below, later, alone, above)} - {None}) == 1


@pytest.mark.parametrize(
    "headline",
    [
        "The talks of 4 March 2025",
        "ماذا حدث يوم 9 أكتوبر 2024",
        "Port reopens after the long strike – 3 March 2021",
        "Elections in 2024",
        "Cairo, a city of twenty million",
        "28 killed – 3 March 2021",
    ],
)
def test_a_headline_with_a_date_is_a_title(headline: str) -> None:
    body = "The text of the story is here, and it is as long as a sentence of a story should be.\n"
    assert parse(f"{headline}\n{body}Another heading\n{body}", "a.txt").title == headline


def test_long_runs_of_white_space_cost_no_more_than_their_length() -> None:
    began = time.perf_counter()
    article = parse("a" + " " * 200_000 + "b is here.\n" + "—" * 50_000 + " x\n")
    assert time.perf_counter() - began < 2
    assert len(article.lines) == 2


def test_a_name_that_cannot_be_cited_in_a_line_is_refused(tmp_path: Path) -> None:
    (tmp_path / "two\nlines.txt").write_text("text")
    with pytest.raises(UnreadableArticle, match=r"two\\nlines\.txt.*rename it"):
        read_bytes(tmp_path, "two\nlines.txt")


def test_markdown_headings_bullets_and_front_matter() -> None:
    article = parse(
        "---\ntitle: 'Of things'\n---\n# Heading one\n\n- first item\n2. second item\n\nProse of it.\n", "a.md"
    )
    assert article.title == "Of things"
    assert kinds(article) == {
        1: "furniture",
        2: "furniture",
        3: "furniture",
        4: "heading",
        6: "bullet",
        7: "bullet",
        9: "prose",
    }
    assert [article.text[line.start : line.end] for line in article.lines[3:6]] == [
        "Heading one",
        "first item",
        "second item",
    ]


def test_a_list_of_short_lines_is_not_a_run_of_headings() -> None:
    article = parse("roses are red\nviolets are blue\nsugar is sweet\nand so are you\nThis was a poem by somebody.\n")
    assert set(kinds(article).values()) == {"prose"}


def test_the_questions_of_an_interview_are_headings() -> None:
    text = "An interview\n\nWho paid for the census?\nThe ministry did.\n\nHow many trees are there?\nSome 2,178 of them stand.\n"
    assert list(kinds(parse(text)).values()) == ["heading", "heading", "prose", "heading", "prose"]
    assert list(kinds(parse("س: من دفع ثمن الإحصاء؟\nدفعته الوزارة كله.\n")).values()) == ["heading", "prose"]
    alone = "The bridge fell.\nWho is to blame for that?\nNobody knows yet.\n"  # one may be rhetorical
    assert set(kinds(parse(alone)).values()) == {"prose"}


def test_the_rows_of_a_table_are_no_headings() -> None:
    text = "Fares of the river boats are these.\n\n| From | To |\n|---|---|\n| Luxor | Qena |\n\nThey rose in May.\n"
    assert list(kinds(parse(text)).values()) == ["prose", "prose", "furniture", "prose", "prose"]


def test_a_post_of_several_lines_in_another_language_is_one_post() -> None:
    text = (
        "قال الوزير إن الاجتماع كان مهماً للغاية.\n"
        "First line of a longer post.\nSecond line of it.\n— Some Body (@some_body) March 1, 2024\n"
        "وأضاف أن اللقاء سيتكرر قريباً.\n"
    )
    assert list(kinds(parse(text)).values()) == ["prose", "post", "post", "post", "prose"]


def test_articles_are_found_in_order_and_hidden_or_outside_files_are_not(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    (corpus / "sub").mkdir(parents=True)
    (corpus / ".git").mkdir()
    for name in ("b.txt", "a.md", "sub/c.TXT", ".hidden.txt", ".git/x.txt", "image.png"):
        (corpus / name).write_text("text")
    (tmp_path / "secret.txt").write_text("secret")
    (corpus / "link.txt").symlink_to(tmp_path / "secret.txt")
    (corpus / "loop.txt").symlink_to(corpus / "loop.txt")
    assert find_articles(corpus) == ["a.md", "b.txt", "sub/c.TXT"]
    with pytest.raises(UsageError, match="is not a folder"):
        find_articles(tmp_path / "missing")
