"""Strategies for texts and files that nobody would write: every part the readers look for, in every wrong place."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

from hypothesis import strategies as st

_LETTERS = "aeiouTDcsn ابتةهأإآىيوعء لا\u0640\u064b\u0651"
_MARKS = "\"'«»“”‘’()[]{}<>|#>*-–—•.,،؛:;!?؟…/\\@_=+%$€٪"
_SPACES = " \t\n\n\r\x0b\x0c\x85\u00a0\u2028\u2029\u200b\u3000"
_HIDDEN = "\ufeff\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c\u00ad\U000e0041"
_DIGITS = "0123456789٠١٢٣٤٥٦٧٨٩۰۱۲०१²½Ⅳ①"
_WORDS = (
    "said", "says that", "told reporters", "according to", "he added", "not", "never", "than", "million", "per cent", "half",
    "January", "Sept.", "28 October 2025", "2025-10-28", "31 February", "last Monday",
    "next year", "in the 1990s", "3 days ago",
    "What about", "and when?", "who", "How many", "where", "Egypt", "the United States", "Mr. J. R. Smith", "Dr.", "1.", "---",
    "title: x", "date: 2020-01-01", "# ", "> ", "- ", "— A (@a) May 1, 2020", "https://t.co/x", "pic.twitter.com/x", "@who #what",
    "قال", "قالت", "وأضاف أن", "بحسب", "لم", "لن", "ليس", "أكثر من", "مليون", "في المئة", "نصف",
    "تشرين الأول/أكتوبر", "٢٨ أكتوبر ٢٠٢٥", "أمس", "الأسبوع المقبل", "قبل ثلاثة أيام", "الاثنين", "ماذا عن",
    "ومتى؟", "من", "كم", "أين", "مصر", "الولايات المتحدة", "الرئيس", "د.", "هـ", "日本", "東京。", "한국",
    "Москва", "हिन्दी", "עברית", "👩\u200d👩\u200d👧", "<|im_start|>", "[INST]", "</s>", "e\u0301\u0301\u0301",
    "ﷺ", "ﬁ", "ẞ", "İ",
)  # fmt: skip

_piece = st.one_of(
    st.sampled_from(_WORDS).map(lambda word: word + " "),
    st.text(alphabet=_LETTERS, min_size=1, max_size=12),
    st.text(alphabet=_MARKS, min_size=1, max_size=6),
    st.text(alphabet=_SPACES, min_size=1, max_size=4),
    st.text(alphabet=_HIDDEN, min_size=1, max_size=3),
    st.text(alphabet=_DIGITS, min_size=1, max_size=8),
    st.text(max_size=6),
    st.builds(lambda piece, times: piece * times, st.sampled_from([*_MARKS, *_WORDS, *_SPACES]), st.integers(1, 60)),
)


def _from_seed(seed: int, pieces: int) -> str:
    """A text as the strategy above would make it, forty times faster; a shorter one of the same seed is its beginning."""
    draw = random.Random(seed)
    return "".join(_drawn_piece(draw) for _ in range(pieces))


def _drawn_piece(draw: random.Random) -> str:
    kind = draw.randrange(12)
    if kind < 5:
        return draw.choice(_WORDS) + " "
    if kind == 5:
        return "".join(chr(_code_point(draw)) for _ in range(draw.randrange(1, 7)))
    if kind == 6:
        return draw.choice([*_MARKS, *_WORDS, *_SPACES]) * draw.randrange(1, 60)
    alphabet, longest = ((_LETTERS, 12), (_MARKS, 6), (_SPACES, 4), (_HIDDEN, 3), (_DIGITS, 8))[kind - 7]
    return "".join(draw.choices(alphabet, k=draw.randrange(1, longest + 1)))


def _code_point(draw: random.Random) -> int:
    code = draw.choice((draw.randrange(0x600), draw.randrange(0x600, 0x700), draw.randrange(0x11_0000)))
    return code + 0x1_0000 if 0xD800 <= code < 0xE000 else code


texts = st.one_of(
    st.lists(_piece, max_size=8).map("".join),
    *[st.builds(_from_seed, st.integers(0, 2**48), st.integers(0, 40))] * 5,
)
encodable = texts.map(lambda text: text.encode("utf-8", "replace").decode("utf-8"))
lines = texts.map(lambda text: text.replace("\n", " "))

_scalar = st.one_of(
    st.none(), st.booleans(), st.integers(), st.integers(-3, 3), st.floats(), texts,
    st.sampled_from(["", "..", "/", "\0", "a/../../b", "ar"]),
)  # fmt: skip
values = st.recursive(
    _scalar,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def mutated(whole: Any) -> st.SearchStrategy[Any]:
    """The value with one to three of its parts, anywhere inside, replaced, removed or doubled."""
    return st.builds(
        lambda seed, news: _mutate(copy.deepcopy(whole), random.Random(seed), news),
        st.integers(0, 2**32), st.lists(values, min_size=1, max_size=3),
    )  # fmt: skip


def damaged(text: str) -> st.SearchStrategy[bytes]:
    """The file with bytes changed, cut out or put in."""

    def harm(seed: int, kind: int) -> bytes:
        draw, data = random.Random(seed), bytearray(text.encode())
        at = draw.randrange(len(data))
        if kind == 0:
            data[at] ^= 1 << draw.randrange(8)
        elif kind == 1:
            del data[at : at + draw.randrange(1, 40)]
        elif kind == 2:
            data[at:at] = draw.randbytes(draw.randrange(1, 10))
        else:
            data = data[:at]
        return bytes(data)

    return st.builds(harm, st.integers(0, 2**32), st.integers(0, 3))


def files_like(whole: Any) -> st.SearchStrategy[bytes]:
    """Files that are nearly this value's JSON, and files that are nothing like it."""
    text = json.dumps(whole, ensure_ascii=False)
    return st.one_of(
        mutated(whole).map(lambda value: json.dumps(value, ensure_ascii=True).encode()),
        mutated(whole).map(lambda value: json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")),
        damaged(text),
        st.binary(max_size=60),
        values.map(lambda value: json.dumps(value).encode()),
        st.integers(1, 6).map(lambda power: b"[" * 10**power),
        st.integers(1, 5).map(lambda power: b'{"a":' * 10**power),
        st.integers(1, 5).map(lambda power: b"1" * 10**power),
    )


def _mutate(value: Any, draw: random.Random, news: list[Any]) -> Any:
    for new in news:
        places = _places(value)
        if not places:
            return new
        holder, key = draw.choice(places)
        kind = draw.randrange(4)
        if kind == 0 and isinstance(holder, dict):
            holder[str(draw.choice([key, "format", "x"]))] = new
        elif kind == 1:
            del holder[key]
        elif kind == 2 and isinstance(holder, list):
            holder.append(copy.deepcopy(holder[key]))
        else:
            holder[key] = new
    return value


def _places(value: Any) -> list[tuple[Any, Any]]:
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [(value, key) for key in keys] + [place for key in keys for place in _places(value[key])]
