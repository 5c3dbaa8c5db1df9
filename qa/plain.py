"""Text that a language model is to read as text: nothing in it may act as the chat template's own marks.

Only the model's prompt is changed; sources, questions and quotes stay as they are.
"""

from __future__ import annotations

import re

# llama.cpp reads "<|im_start|>" in a message as the token of that name, as it must in the template around it.
_ROLE_TOKEN = re.compile(r"<(?=[|｜/]?\w[^<>\s]{0,60}>)|\[(?=/?[A-Z_]{2,20}\])")
_LINE_BREAKS = re.compile("[\r\x0b\x0c\x85\u2028\u2029]+")  # that are no "\n" and could begin a line of the prompt
# Other controls, zero-width space and joiner of words, bidi embeddings and isolates, and the invisible tag characters
# that can spell ASCII. The joiners of Persian and emoji and the two direction marks of Arabic text stay.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u200b\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]"
)


def as_plain_text(text: str) -> str:
    """The text with role tokens broken by a space, odd line breaks as spaces, and what nobody sees left out."""
    return _ROLE_TOKEN.sub(lambda mark: mark[0] + " ", printable(text))


def printable(text: str) -> str:
    """The text for a terminal: no control sequence of it acts, and no bidi override reaches beyond it."""
    return _INVISIBLE.sub("", _LINE_BREAKS.sub(" ", text))
