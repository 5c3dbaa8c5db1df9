"""The interface's own words in each of its languages, from ui/data/LANGUAGE.json."""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal

from index.formats.extracted import described
from qa.answer import Citation

_DATA = Path(__file__).parent / "data"
_ISOLATED = "\N{FIRST STRONG ISOLATE}{}\N{POP DIRECTIONAL ISOLATE}"
Forms = str | MappingProxyType[str, str]  # one text, or one for each CLDR plural category


@dataclass(frozen=True, slots=True)
class Texts:
    """The words of one language. `texts("line", n=23)` is a text with its numbers and names filled in."""

    language: str
    forms: MappingProxyType[str, Forms]

    @property
    def direction(self) -> Literal["ltr", "rtl"]:
        return "rtl" if self._locale.text_direction == "rtl" else "ltr"

    def __call__(self, key: str, **values: int | str) -> str:
        """The text of a key; its plural form is that of `n`. A name that is filled in keeps its own direction."""
        forms = self.forms[key]
        if not isinstance(forms, str):
            n = values["n"]
            assert isinstance(n, int), f"{key} counts n"
            forms = forms.get(self._locale.plural_form(n)) or forms["other"]
        return forms.format(
            **{name: self.number(v) if isinstance(v, int) else _ISOLATED.format(v) for name, v in values.items()}
        )

    def number(self, value: float, decimals: int | None = None) -> str:
        """A number as the language writes it; `decimals` fixes how many."""
        pattern = None if decimals is None else "0." + "0" * decimals
        return str(format_decimal(value, format=pattern, locale=self._locale))

    def date(self, day: datetime.date | str | None) -> str:
        """A day, also from its ISO 8601 form, in words; "undated" for none."""
        if day is None:
            return self("undated")
        if isinstance(day, str):
            day = datetime.date.fromisoformat(day[:10])
        return str(format_date(day, format="long", locale=self._locale))

    def days(self, first: datetime.date, last: datetime.date) -> str:
        """A day, or the first and the last of several."""
        return self.date(first) if first == last else f"{self.date(first)} – {self.date(last)}"

    def place(self, citation: Citation) -> str:
        """Where a citation stands: its line, or for a converted file the place in the original."""
        parts = described(citation.place) or {"line": citation.line}
        return self._comma.join(self(f"place_{name}", n=n) for name, n in parts.items())

    def languages(self, codes: Sequence[str]) -> str:
        """Names of languages by their ISO 639-1 codes, a code standing for itself where CLDR knows no name."""
        return self._comma.join(str(self._locale.languages.get(code, code)) for code in codes)

    @property
    def _comma(self) -> str:
        return "، " if self.language == "ar" else ", "

    @property
    def _locale(self) -> Locale:
        return Locale.parse(self.language)


def unisolated(text: str) -> str:
    """The text without the isolates around what was filled in."""
    return text.replace("\N{FIRST STRONG ISOLATE}", "").replace("\N{POP DIRECTIONAL ISOLATE}", "")


@cache
def texts_in(language: str) -> Texts:
    """The words of one of LANGUAGES."""
    stored = json.loads((_DATA / f"{language}.json").read_text(encoding="utf-8"))
    forms = {key: form if isinstance(form, str) else MappingProxyType(form) for key, form in stored.items()}
    return Texts(language, MappingProxyType(forms))
