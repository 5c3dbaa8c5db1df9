"""The question box that stands on the page until Streamlit's scripts have drawn theirs, one to two seconds later.

Streamlit answers with an empty document and draws everything by script. Into that document goes a plain form: one can type and
even send at once, and what was typed is handed to Streamlit's box when that is there (ui/data/first.js).
"""

from __future__ import annotations

import html
import json
from functools import cache
from pathlib import Path
from string import Template

from starlette.datastructures import Headers, QueryParams
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from index.place import MANIFEST, Place
from ui import first_language

_ROOT = b'<div id="root">'
_DATA = Path(__file__).parent / "data"
_DIRECTIONS = {"ar": "rtl"}


class FirstBox:
    """ASGI middleware: adds the box to the document of the page on which questions are asked. Where there is no index yet
    nothing can be asked, and nothing is added."""

    def __init__(self, app: ASGIApp, index: Place) -> None:
        self._app = app
        self._index = index

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or (scope["method"], scope["path"]) != ("GET", "/") or not self._asks:
            await self._app(scope, receive, send)
            return
        parts: list[Message] = []

        async def keep(message: Message) -> None:
            parts.append(message)

        await self._app(scope, receive, keep)
        document = b"".join(part.get("body", b"") for part in parts)
        if parts[0]["status"] != 200 or document.count(_ROOT) != 1:  # not the document we know: as it is
            for part in parts:
                await send(part)
            return
        wanted = _language(QueryParams(scope["query_string"]).get("lang", ""), Headers(scope=scope))
        headers = Headers(raw=parts[0]["headers"])
        kept = {
            name: value for name, value in headers.items() if name not in ("content-length", "content-type", "etag")
        }
        await HTMLResponse(document.replace(_ROOT, form(wanted).encode() + _ROOT), headers=kept)(scope, receive, send)

    @property
    def _asks(self) -> bool:
        return not isinstance(self._index, Path) or (self._index / MANIFEST).is_file()


@cache
def form(language: str) -> str:
    """The box in a language of the interface, with its style and script."""
    texts = json.loads((_DATA / f"{language}.json").read_text(encoding="utf-8"))
    filled = {
        key: html.escape(texts[key])
        for key in ("ask_heading", "ask_intro", "ask_placeholder", "first_sent", "first_send")
    }
    return Template((_DATA / "first.html").read_text(encoding="utf-8")).substitute(
        filled,
        language=language,
        direction=_DIRECTIONS.get(language, "ltr"),
        style=(_DATA / "style.css").read_text(encoding="utf-8"),
        script=(_DATA / "first.js").read_text(encoding="utf-8"),
    )


def _language(wanted: str, headers: Headers) -> str:
    """As `ui.session` chooses it: what the address says, else what the browser likes best."""
    preferred = headers.get("accept-language", "").partition(",")[0].partition(";")[0].partition("-")[0].strip().lower()
    return first_language(wanted, preferred)
