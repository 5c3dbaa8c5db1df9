"""Files of every format that is read, made for the tests: the same short article in Arabic and in English."""

from __future__ import annotations

import io
import json
import re
import unicodedata
import zipfile
from collections.abc import Sequence
from functools import cache
from html import escape
from pathlib import Path

ARABIC_TITLE = "افتتاح ميناء جديد في المدينة"
ARABIC = (
    "افتتح الوزير الميناء الجديد يوم الاثنين في حفل كبير حضره أهل المدينة.",
    "وقال الوزير إن تكلفة المشروع بلغت 250 مليون دولار على مدى خمس سنوات.",
    "وأضاف أن الميناء (وهو الأكبر في البلاد) سيستقبل السفن من كل أنحاء العالم بعد شهر.",
)
ENGLISH_TITLE = "A new harbour opens in the city"
ENGLISH = (
    "The minister opened the new harbour on Monday at a ceremony that many people of the city attended.",
    "He said that the project had cost 250 million dollars over a period of five years.",
    "The harbour is the largest of the country and will receive ships from everywhere next month.",
)


def html(title: str, paragraphs: Sequence[str], *, charset: str = "utf-8") -> bytes:
    text = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)
    page = (
        f'<html><head><meta charset="{charset}"><title>{title} - The Site</title>'
        f'<link rel="canonical" href="https://example.org/harbour"><meta property="og:title" content="{title}">'
        '<meta property="article:published_time" content="2024-03-05T10:00:00Z"></head>'
        "<body><nav><a href='/'>Home page</a> <a href='/sport'>Sport news</a></nav>"
        f"<article><h1>{title}</h1>{text}</article><footer>All rights reserved</footer></body></html>"
    )
    return page.encode(charset)


def docx(title: str, paragraphs: Sequence[str]) -> bytes:
    from docx import Document

    document = Document()
    document.add_heading(title, 1)
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    document.add_paragraph("A point of a list", style="List Bullet")
    cells = document.add_table(1, 2).rows[0].cells
    cells[0].text, cells[1].text = "Length of the pier", "900 metres"
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def epub(title: str, chapters: Sequence[Sequence[str]], *, package: str = "") -> bytes:
    items = "".join(
        f'<item id="c{n}" href="text/c%20{n}.xhtml" media-type="application/xhtml+xml"/>' for n in range(len(chapters))
    )
    spine = "".join(f'<itemref idref="c{n}"/>' for n in range(len(chapters)))
    package = package or (
        '<package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:title>{title}</dc:title><dc:date>2020-01-02</dc:date></metadata>"
        f"<manifest>{items}</manifest><spine>{spine}</spine></package>"
    )
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
    )
    members = {"mimetype": "application/epub+zip", "META-INF/container.xml": container, "OEBPS/book.opf": package}
    for n, paragraphs in enumerate(chapters):
        text = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)
        members[f"OEBPS/text/c {n}.xhtml"] = (
            '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml">'
            f"<head><title>unseen</title></head><body><h1>Chapter {n + 1}</h1>{text}</body></html>"
        )
    return packed(members)


def packed(members: dict[str, str | bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def json_lines(records: Sequence[dict[str, object]]) -> bytes:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records).encode()


Drawn = tuple[float, float, str]  # x of the left edge (negative: of the right one), y, the text as it is drawn


def pdf(pages: Sequence[Sequence[Drawn]], *, title: str = "", size: float = 11) -> bytes:
    """Pages of A4 with texts drawn letter by letter from left to right, whatever they are."""
    from reportlab.pdfbase.pdfmetrics import registerFont
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.pdfgen.canvas import Canvas

    registerFont(TTFont("DejaVu", _font()))
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(595, 842), invariant=True)
    canvas.setTitle(title)
    for page in pages:
        canvas.setFont("DejaVu", size)
        for x, y, text in page:
            if x < 0:
                canvas.drawRightString(-x, y, text)
            else:
                canvas.drawString(x, y, text)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def displayed(text: str) -> str:
    """A line of Arabic as it is seen, left to right: joined shapes, and numbers kept as they are."""
    pieces = re.split(r"(\d+)", shaped(text))
    mirrored = str.maketrans("()", ")(")
    return "".join(piece if piece.isdigit() else piece[::-1].translate(mirrored) for piece in reversed(pieces))


def shaped(text: str) -> str:
    """Arabic letters in the presentation form that their neighbours ask for (Unicode 16, 9.2)."""
    forms = _forms()
    result: list[str] = []
    for i, letter in enumerate(text):
        own = forms.get(letter)
        if own is None:
            result.append(letter)
            continue
        before = forms.get(text[i - 1], {}) if i else {}
        after = forms.get(text[i + 1], {}) if i + 1 < len(text) else {}
        joins_before = "initial" in before and "final" in own
        joins_after = "initial" in own and "final" in after
        names = {(True, True): "medial", (True, False): "final", (False, True): "initial", (False, False): "isolated"}
        result.append(own[names[joins_before, joins_after]])
    return "".join(result)


@cache
def _forms() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for form in map(chr, range(0xFE80, 0xFEF5)):
        kind, code = unicodedata.decomposition(form).split()
        found.setdefault(chr(int(code, 16)), {})[kind.strip("<>")] = form
    return found


def _font() -> str:
    import matplotlib

    return str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf")
