"""Negation: what a sentence denies, and whether another one says just that."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import chain

from index.analyse import STOPWORDS, fold, words

# Words that deny the sentence they stand in. Folded spelling.
_DENIES = re.compile(
    r"\b(?:not|no|never|none|nobody|nothing|nowhere|neither|nor|cannot|\w+n't)\b"
    r"|(?<!\w)[وف]?(?:لا|لم|لن|ليس|ليست|ليسوا|لسنا|لست|يعد لا)(?!\w)"
)
# Words with a negative sense that a denial may be translated by, without denying on their own.
_SOFT = re.compile(
    r"\b(?:without|lack\w*|non|un(?!der|it|ion|ite|ivers|til|ique|iform|less\b|icef|esco)\w{4,}|refus\w+|den(?:y|ies|ied|ying|ial)|fail\w*"
    r"|hardly|barely|rarely|prevent\w*|prohibit\w*|ban(?:s|ned|ning)?|forbid\w*|absen\w+|impossib\w+|illegal\w*|invalid\w*|inab\w+"
    r"|incap\w+|insuffic\w+|incomplete\w*|incorrect\w*|inaccura\w+|inadequa\w+|ineffect\w+|inappropriate|informal|indirect\w*|inactive"
    r"|invisib\w+|irr(?!ig|it)\w{4,}|independen\w+|irregular\w*|irrelevan\w*|immobile|impractical|infrequent\w*|disagree\w*|disapprov\w*|dislike\w*"
    r"|disappear\w*|disqualif\w*|discontinu\w*|dishonest\w*|disab\w+|except|reject\w*|stop\w*|avoid\w*|instead|only|just|few|little"
    r"|\w{3,}less)\b"
    r"|(?<!\w)[وفبل]{0,2}(?:ال)?(?:غير|عدم|دون|بدون|بلا|عديم\w*|رفض\w*|يرفض\w*|نفي|نفت|ينفي|تنفي|انعدام|نادر\w*|فشل\w*|منع\w*|يمنع\w*|حظر\w*"
    r"|الا|سوي|فقط|مجرد|امتنع\w*|استحال\w*|مستحيل|بدلا|يفتقر\w*|افتقار|توقف\w*|لايجوز|لاسلكي\w*|لامركزي\w*)(?!\w)"
)
# Denials that affirm: "not only", "no longer than", "لا يزال" (still), "لا يقل عن" (at least), "لم … سوى" (only), "No. 1".
_AFFIRMS = re.compile(
    r"\bnot (?:only|just|merely|simply|to mention|exceed\w*|more than|less than)\b"
    r"|\bno (?:doubt|matter|less|more than|fewer)\b|\bno\.? ?\d+|\bwhether or not\b"
    r"|(?<!\w)[وف]?(?:لا|لم|لن) (?:[يتن]زال\w*|[يت]زل|[يت]قل|[يت]زيد|[يت]ربو|[يت]?تجاوز|[يت]?تعد[يا]?|سيما|شك|بد|بل)(?!\w)"
    r"|(?<!\w)[وف]?(?:لا|لم|لن|ليس|ليست) \w+(?: \w+){0,5}? (?:سوي|الا)(?!\w)"
    r"|(?<!\w)[وف]?(?:ليس|ليست|لا|لم) (?:\w+ ){0,3}?فقط(?!\w)"
)

_ALIKE = 1.5  # times as many words: then one of them that is denied is enough
_STATEMENT = 3  # content words that can say something
_BREAK = re.compile(
    r"[,;:.،؛]|\b(?:and|but|though|although|while)\b[^.]*$|(?<!\w)(?:لكن|بينما|فيما|بعد ان|قبل ان|رغم)(?!\w)|(?<!\w)و$"
)
_LIGHT = STOPWORDS | frozenset("even yet ever any still also يتم تتم يكن تكن يكون تكون يعد تعد كل".split())
_SCOPE = 3  # words behind a denial that it may deny
_CLAUSE_END = re.compile(r"[.,;:!?،؛؟…()\"“”«»–—]")
# Words that turn the word behind them into its contrary; and what governs another verb, before which may stand who does.
_TURNS_WORD = re.compile(r"without|unable|[وفبل]{0,2}(?:ال)?(?:غير|دون|بدون|عدم)")
_TURNS_VERB = re.compile(
    r"(?:fail|refus)\w*|den(?:y|ies|ied|ying|ial)"
    r"|[وفبل]{0,2}(?:ال)?(?:رفض|رفضت|يرفض|ترفض|نفي|نفت|ينفي|تنفي|فشل|فشلت|استبعد|استبعدت)"
)
_QUESTION = re.compile(r"[?؟]\s*$")


def denials(text: str) -> tuple[int, int]:
    """(plain denials, soft negative words) of a text, after removing the denials that affirm ("not only", "لا يزال")."""
    folded = _without_affirmed(text)
    return len(_DENIES.findall(folded)), len(_SOFT.findall(folded))


def _without_affirmed(text: str) -> str:
    """The folded text without the denials that affirm, its apostrophes all alike."""
    return _AFFIRMS.sub(" ", re.sub(r"[’ʼ`]", "'", fold(text)))


def negation_mismatch(claim: str, source: str) -> str:
    """Why the two differ in denial, "" when they do not: one denies and the other holds no negative word at all."""
    if _QUESTION.search(claim) or _QUESTION.search(source):
        return ""  # "isn't it?", "أليس كذلك؟"
    claim_denials, claim_soft = denials(claim)
    source_denials, source_soft = denials(source)
    if claim_denials and not source_denials and not source_soft:
        return "the claim denies what the source does not deny"
    if source_denials and not claim_denials and not claim_soft:
        return "the source denies what the claim does not deny"
    return ""


def scope_mismatch(claim: str, source: str, same: Callable[[str, str], bool]) -> str:
    """Why what one of the two denies is what the other one says, "" where it is not: for texts of which one says far more than the
    other, so that a denial anywhere in it proves nothing. `same` tells whether a word of the claim and one of the source say the
    same.
    """
    if _QUESTION.search(claim) or _QUESTION.search(source):
        return ""
    said, told = words(claim), words(source)
    alike = len(told) <= _ALIKE * len(said)
    if not any(denials(claim)):
        for _, governed in _governed(source):
            if (len(governed) > 1 or alike) and all(any(same(word, other) for word in said) for other in governed):
                return f"the source denies what the claim says of '{governed[0]}'"
    denied = frozenset(chain.from_iterable(_near_denials(source)))
    for by_verb, governed in _governed(claim):
        if by_verb and denied:
            continue  # "refused" may be "rejected", and who refused stands before that
        counterparts = [[other for other in told if same(word, other)] for word in governed]
        if all(counterparts) and denied.isdisjoint(chain.from_iterable(counterparts)):
            return f"the claim denies what the source says of '{governed[0]}'"
    return ""


def denied_here(text: str) -> frozenset[str]:
    """The words right behind a plain denial of a text."""
    found = (behind[:_SCOPE] for denier, behind in _behind_denials(text) if _DENIES.fullmatch(denier))
    return frozenset(chain.from_iterable(found))


def denies_apart(text: str) -> bool:
    """Whether all that a text denies it denies after something else that it says: "rose, but did not …", "ارتفعت … ولم"."""
    folded = _without_affirmed(text)
    before = [folded[: match.start()] + match[0][0] for match in _DENIES.finditer(folded)]
    return bool(before) and all(len(_content(said)) >= _STATEMENT and _BREAK.search(said) for said in before)


def _content(text: str) -> list[str]:
    return [word for word in words(text) if word not in _LIGHT and len(word) > 2]


def denied_words(text: str) -> tuple[str, ...]:
    """The content word behind each plain denial of a text: what it denies."""
    return tuple(
        next((word for word in behind if word not in STOPWORDS), "")
        for denier, behind in _behind_denials(text)
        if _DENIES.fullmatch(denier)
    )


def _governed(text: str) -> Iterator[tuple[bool, tuple[str, ...]]]:
    """Of each denial whether it is a verb such as "failed", "refused", "رفض", and what it denies: the two content words behind it,
    or one where no more follows and it is no verb."""
    for denier, behind in _behind_denials(text):
        by_verb, content = bool(_TURNS_VERB.fullmatch(denier)), _content(" ".join(behind))
        if len(content) >= (2 if by_verb else 1):
            yield by_verb, tuple(content[:2])


def _near_denials(text: str) -> Iterator[list[str]]:
    """The words that stand near behind a denial, or any other word with a negative sense."""
    for clause in _clauses(text):
        for at, word in enumerate(clause):
            if _DENIES.fullmatch(word) or _SOFT.fullmatch(word):
                yield clause[at : at + 2 * _SCOPE]


def _behind_denials(text: str) -> Iterator[tuple[str, list[str]]]:
    for clause in _clauses(text):
        for at, word in enumerate(clause):
            if word.endswith("غير") and _is_no_denial(clause, at):
                continue
            if any(pattern.fullmatch(word) for pattern in (_DENIES, _TURNS_WORD, _TURNS_VERB)):
                yield word, clause[at + 1 : at + 1 + 2 * _SCOPE]


def _is_no_denial(clause: list[str], at: int) -> bool:
    """Whether "غير" is another word: "changed the …", "but that", "none but"."""
    behind = clause[at + 1] if at + 1 < len(clause) else ""
    changed, but_that = at == 0 and behind.startswith("ال"), behind.startswith("ان")
    return changed or but_that or any(_DENIES.fullmatch(word) for word in clause[:at])


def _clauses(text: str) -> Iterator[list[str]]:
    """The folded words between one sign of punctuation and the next, without the denials that affirm."""
    for clause in _CLAUSE_END.split(_without_affirmed(text)):
        yield re.findall(r"[\w']+", clause)
