"""The metrics: one value per question and metric, absent where a metric does not apply. Definitions: docs/evaluation.md."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Literal

from index.analyse import fold, words
from index.language import detect_language
from qa.answer import Answer, Citation
from qa.evaluation.gold import GoldQuestion
from qa.evaluation.judge import Judged

Place = tuple[str, int]  # path and 1-based line
Group = Literal[
    "Retrieval", "Citations", "Groundedness", "Completeness", "Correctness", "Refusal", "Confidence", "Load-bearing", "Cost"
]  # fmt: skip
CUTOFFS = (5, 10)


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure's name as it stands everywhere, and what it says."""

    name: str
    group: Group
    meaning: str
    lower_is_better: bool = False
    summed: bool = False  # counted over the questions rather than averaged


METRICS: Mapping[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("recall@5", "Retrieval", "facts with a line among the first 5 lines"),
        Metric("recall@10", "Retrieval", "facts with a line among the first 10 lines"),
        Metric("MRR", "Retrieval", "1 / rank of the first gold line"),
        Metric("nDCG@10", "Retrieval", "gold lines high among the first 10 lines"),
        Metric("MAP", "Retrieval", "mean precision at each gold line"),
        Metric("citation recall", "Citations", "claims that their citations together support (ALCE)"),
        Metric("citation precision", "Citations", "citations that support alone or are needed (ALCE)"),
        Metric("cited-line precision", "Citations", "cited lines that are gold"),
        Metric("unresolved citations", "Citations", "citations whose quote is not in the file where it says", True, True),
        Metric("groundedness", "Groundedness", "claims that the verifier accepts against a line that was found"),
        Metric("support", "Groundedness", "mean score of the verifier"),
        Metric("judged groundedness", "Groundedness", "claims that the chosen judge accepts against what they cite"),
        Metric("facts covered", "Completeness", "facts with a line that is cited"),
        Metric("directness", "Completeness", "claims that cite a gold line"),
        Metric("directness in words", "Completeness", "words of claims that cite a gold line"),
        Metric("answer patterns", "Correctness", "patterns that the answer's text matches"),
        Metric("token F1", "Correctness", "words shared with the facts' text, as SQuAD counts them"),
        Metric("question's language", "Correctness", "claims in the language of the question"),
        Metric("answered", "Refusal", "answerable questions that got an answer"),
        Metric("refusal accuracy", "Refusal", "questions rightly answered or rightly refused"),
        Metric("refusal precision", "Refusal", "refused questions that are unanswerable"),
        Metric("refusal recall", "Refusal", "unanswerable questions that were refused"),
        Metric("refusal F1", "Refusal", "harmonic mean of the two"),
        Metric("AUROC", "Confidence", "an answerable question has more confidence than an unanswerable one"),
        Metric("ECE", "Confidence", "distance of confidence from the observed share of answerable questions", True),
        Metric("necessity", "Load-bearing", "claims that do not come out without the cited passage"),
        Metric("sufficiency", "Load-bearing", "claims that come out with the cited passage alone"),
        Metric("tokens read", "Cost", "prompt tokens a question", True),
        Metric("tokens written", "Cost", "generated tokens a question", True),
    )
}  # fmt: skip

_ARTICLES = frozenset({"a", "an", "the"})
_ARABIC_ARTICLE = re.compile(r"^[وفبك]?ال(?=\w{3})")


def retrieval(questions: Sequence[GoldQuestion], rankings: Sequence[Sequence[Place]]) -> list[dict[str, float]]:
    """Per question the metrics of its ranked distinct lines; nothing for an unanswerable one.

    nDCG, MAP and MRR are ir_measures' over lines, every gold line relevant; recall counts facts, for one line of several
    that say the same is enough.
    """
    from ir_measures import AP, RR, Qrel, ScoredDoc, iter_calc, nDCG

    names = {str(RR): "MRR", str(AP): "MAP", str(nDCG @ 10): "nDCG@10"}
    found: list[dict[str, float]] = []
    for question, ranking in zip(questions, rankings, strict=True):
        if not question.answerable:
            found.append({})
            continue
        qrels = [Qrel(question.id, document(place), 1) for place in sorted(question.places)]
        run = [ScoredDoc(question.id, document(place), -float(rank)) for rank, place in enumerate(ranking)]
        values = {f"recall@{k}": covered(question, ranking[:k]) for k in CUTOFFS}
        values |= dict.fromkeys(names.values(), 0.0)  # a question that found nothing still counts
        values |= {names[str(one.measure)]: float(one.value) for one in iter_calc([RR, AP, nDCG @ 10], qrels, run)}
        found.append(values)
    return found


def answered(question: GoldQuestion, answer: Answer, judged: Sequence[Judged]) -> dict[str, float]:
    """The metrics of one answer, its claims judged in order."""
    values = {"refusal accuracy": float(answer.answered == question.answerable)}
    citations = [citation for claim in answer.claims for citation in claim.citations]
    if answer.claims:
        values["citation recall"] = fmean(one.support.supported for one in judged)
        values["citation precision"] = _mean([precise for one in judged for precise in one.precise])
        values["groundedness"] = fmean(one.grounded.supported for one in judged)
        values["support"] = fmean(one.grounded.score for one in judged)
        opinions = [one.judge for one in judged if one.judge is not None]
        if opinions:
            values["judged groundedness"] = fmean(opinions)
        values["question's language"] = fmean(claim.language == question.language for claim in answer.claims)
    if not question.answerable:
        return values
    values["answered"] = float(answer.answered)
    lines = {place(citation) for citation in citations}
    values["facts covered"] = covered(question, lines)
    text = " ".join(claim.text for claim in answer.claims)
    if question.answer_patterns:
        values["answer patterns"] = fmean(
            bool(re.search(pattern, text, re.IGNORECASE)) for pattern in question.answer_patterns
        )
    facts = " ".join(fact.fact for fact in question.facts)
    if detect_language(facts) == question.language:
        values["token F1"] = token_f1(text, facts)
    if answer.claims:
        direct = [any(place(citation) in question.places for citation in claim.citations) for claim in answer.claims]
        lengths = [len(words(claim.text)) for claim in answer.claims]
        values["cited-line precision"] = len(lines & question.places) / len(lines) if lines else 0.0
        values["directness"] = fmean(direct)
        values["directness in words"] = sum(n for n, yes in zip(lengths, direct, strict=True) if yes) / sum(lengths)
    return values


def covered(question: GoldQuestion, places: Sequence[Place] | set[Place]) -> float:
    """The share of the question's facts that have a line among the places."""
    return fmean(not fact.places.isdisjoint(places) for fact in question.facts)


def place(citation: Citation) -> Place:
    return citation.path, citation.line


def document(place: Place) -> str:
    """A line's name in TREC files."""
    return f"{place[0]}:{place[1]}"


def token_f1(text: str, reference: str) -> float:
    """SQuAD's token F1: case, punctuation and articles set aside, here for Arabic too (Rajpurkar et al. 2016)."""
    said, wanted = Counter(_tokens(text)), Counter(_tokens(reference))
    shared = (said & wanted).total()
    return 2 * shared / (said.total() + wanted.total()) if shared else 0.0


def _tokens(text: str) -> list[str]:
    return [_ARABIC_ARTICLE.sub("", word) for word in words(fold(text)) if word not in _ARTICLES]


def _mean(values: Sequence[float]) -> float:
    return fmean(values) if values else 0.0
