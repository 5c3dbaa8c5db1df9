"""Feeds: each entry is an article, cited by its id, and what is cited stands in its text."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from index import UnreadableArticle
from index.reader import Source, find_sources, open_source, read_article, sources_of
from index.segment import segment

RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Harbour news</title>
<item><title>إغلاق الميناء</title><link>https://news.example/1</link><guid>n-1</guid>
<pubDate>Tue, 28 Oct 2025 09:30:00 GMT</pubDate><description>Short.</description>
<content:encoded><![CDATA[<p>أغلق الميناء يوم الاثنين &amp; الثلاثاء.</p>
<p>It opens <b>again</b> on Friday.</p>]]></content:encoded></item>
<item><title>Empty</title><guid>n-2</guid></item>
<item><title>No id</title><description>The ferry &lt;i&gt;was&lt;/i&gt; late.</description></item>
<item><title>Twice</title><guid>n-1</guid><description>The same id again.</description></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Harbour</title>
<entry><id>tag:news.example,2025:7</id><title>Pier</title><updated>2025-10-29T08:00:00Z</updated>
<link rel="edit" href="https://news.example/edit"/><link href="https://news.example/7"/><summary>Short.</summary>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>The pier was closed.</p><p>Nobody was hurt.</p></div></content>
</entry></feed>"""


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    (tmp_path / "news.rss").write_text(RSS, encoding="utf-8")
    (tmp_path / "pier.atom").write_text(ATOM, encoding="utf-8")
    return tmp_path


def test_each_entry_is_an_article(corpus: Path) -> None:
    found = list(find_sources(corpus))
    sources = {one.path: one for one in found if isinstance(one, Source)}
    assert list(sources) == ["news.rss#3", "news.rss#n-1", "news.rss#n-2", "pier.atom#tag:news.example,2025:7"]
    article = read_article(sources["news.rss#n-1"])
    assert article.text == "# إغلاق الميناء\nأغلق الميناء يوم الاثنين & الثلاثاء.\nIt opens again on Friday.\n"
    assert (article.title, article.date, article.url) == (
        "إغلاق الميناء", datetime.date(2025, 10, 28), "https://news.example/1",
    )  # fmt: skip
    assert read_article(sources["news.rss#3"]).text == "# No id\nThe ferry was late.\n"
    pier = read_article(sources["pier.atom#tag:news.example,2025:7"])
    assert pier.text == "# Pier\nThe pier was closed.\nNobody was hurt.\n"
    assert (pier.date, pier.url) == (datetime.date(2025, 10, 29), "https://news.example/7")
    for one in (article, pier):
        for passage in segment(one):
            assert one.text[passage.start : passage.end] == passage.text
            assert one.text.split("\n")[passage.line - 1].endswith(passage.text)
    for path, source in sources.items():  # a citation finds its entry again
        assert open_source(corpus, path) == source


def test_what_cannot_be_read_is_named(corpus: Path) -> None:
    said = [str(one) for one in find_sources(corpus) if isinstance(one, UnreadableArticle)]
    assert said == ["news.rss#n-1: record 4 has the id of an earlier one; give it its own"]
    empty = next(one for one in find_sources(corpus) if isinstance(one, Source) and one.path == "news.rss#n-2")
    with pytest.raises(UnreadableArticle, match="n-2: no text in it"):
        read_article(empty)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"<html><body>a page</body></html>", "neither RSS nor Atom"),
        (b"<rss><channel><item>", "its XML cannot be read"),
        (b"", "its XML cannot be read"),
        (b'<!DOCTYPE r [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><rss><item>&c;</item></rss>', "its XML cannot be read"),
        (b'<!DOCTYPE r [<!ENTITY f SYSTEM "file:///f">]><rss><item>&f;</item></rss>', "its XML cannot be read"),
        (b"<rss><item><description>" + b"<b>" * 9000 + b"</b>" * 9000 + b"</description></item></rss>", "too deeply"),
    ],
)  # fmt: skip
def test_what_is_no_feed_or_expands_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableArticle, match=reason):
        list(sources_of("a.rss", data))
