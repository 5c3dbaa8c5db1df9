"""Whether lines state the answer to a question, by what the embedded language model makes of them.

Similar meaning does not tell "on the subject" from "the answer". The model is shown the lines and asked for Yes or No; what
counts is the log-odds of its first token, which benchmarks/fit_confidence.py calibrates, and not the word itself. The
worked examples show near misses: without them it says Yes to whatever is on the subject. Read alone, lines that are on the
subject fall behind the one that answers; read together, they tell better whether any does.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

READ = 6  # lines at most, together: on two cores each takes one to two seconds
ALONE = 5  # lines at most, each by itself: a sixth adds no fact over gold or news (docs/answers.md)
# The first so many whatever their length, further ones while all have so many characters together, a list those of its longest
# item: two cores read some 130 a second.
ALONE_AT_LEAST, ALONE_CHARACTERS = 3, 750
ALTERNATIVES = 20  # most likely first tokens among which Yes and No are looked for
# Share of the best score from which a line is read, in any language: not all that is read is shown.
WITHIN = 0.6
# A line may be so many nats less likely to state the answer than the likeliest one, or by that share of the best score worse found,
# in the question's language or in another, where scores lie closer, or part of each (docs/answers.md).
_LESS_LIKELY, _WORSE_FOUND, _WORSE_ACROSS = 0.73, 0.5, 0.25
_UNSEEN = -20.0  # log-probability of a word that is not among them
_LARGEST = 8.0  # log-odds beyond which nothing more is concluded
_SYSTEM = (
    "You read lines of a news source and decide whether they state the answer to the reader's question. "
    "Being on the same subject is not enough. Reply Yes or No."
)
_METRO = "أعلن وزير النقل المصري كامل الوزير أن الخط الجديد للمترو سيفتتح في مايو 2027 بكلفة 3.2 مليار دولار."
_WATER = "تنظّم الاتفاقية تبادل البيانات بين الأردن وسوريا لحماية الموارد المائية."
_BANK = "The bank's director, Paul Reyes, resigned on Monday after eleven years."
# Their subjects are nobody's collection.
_EXAMPLES: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("When does the new metro line open?", (_METRO,), "Yes"),
    ("Who will build the new metro line?", (_METRO, "The line will carry 400,000 passengers a day."), "No"),
    ("لماذا استقال مدير المصرف؟", (_BANK, "قال المصرف إن المدير سيغادر في نهاية الشهر."), "No"),
    ("كم سنة بقي مدير المصرف في منصبه؟", (_BANK,), "Yes"),
    ("What did the two ministers agree on water?", (_WATER,), "Yes"),
    (
        "What did Turkey reply to the water agreement?",
        (_WATER, "وقال الوزير إن تركيا لم تكن طرفاً في المحادثات."),
        "No",
    ),
)


def opening() -> list[tuple[str, str]]:
    """The part of the conversation that all questions share."""
    messages = [("system", _SYSTEM)]
    for question, lines, reply in _EXAMPLES:
        messages += [("human", request(question, lines)), ("ai", reply)]
    return messages


def request(question: str, lines: Sequence[str]) -> str:
    """What the model is asked about the lines."""
    listed = "\n".join(f"- {line}" for line in lines)
    return f"Lines:\n{listed}\n\nQuestion: {question}\nIs the answer stated?"


def log_odds(first_token: Iterable[dict[str, Any]]) -> float:
    """Nats by which Yes is likelier than No, from the most likely first tokens with their "logprob" (as in the OpenAI
    protocol's `top_logprobs`)."""
    said = {"yes": 0.0, "no": 0.0}
    for token in first_token:
        word = token["token"].strip().lower()
        if word in said:
            said[word] += math.exp(token["logprob"])
    yes, no = (math.log(said[word]) if said[word] else _UNSEEN for word in ("yes", "no"))
    return max(-_LARGEST, min(_LARGEST, yes - no))


def that_state(log_odds: Sequence[float], scores: Sequence[float], across: Sequence[bool]) -> list[int]:
    """Numbers of the lines, each read alone and found with that score, in another language or not, that may answer beside the
    best; that one first."""
    likeliest, best = max(log_odds), max(scores)
    behind = [
        (likeliest - said) / _LESS_LIKELY
        + (1 - score / best if best > 0 else 0.0) / (_WORSE_ACROSS if foreign else _WORSE_FOUND)
        for said, score, foreign in zip(log_odds, scores, across, strict=True)
    ]
    near = [at for at, each in enumerate(behind) if each <= max(1.0, min(behind))]
    return sorted(near, key=lambda at: (behind[at], at))
