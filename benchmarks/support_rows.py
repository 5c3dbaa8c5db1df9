"""Public claims with sources and labels, and aligned sentences, as rows to fit to (`fit_verifier.py`) or measure by."""

from __future__ import annotations

import json
import re
import zlib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.analyse import fold
from qa.verify.align import content

FOLDS = 5


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled pair: `group` is the source document, `kind` where it comes from or how it was made."""

    claim: str
    source: str
    right: bool
    group: str
    kind: str


def may_be_fitted(licence: str) -> bool:
    """Only licences that are stated and not non-commercial."""
    return not re.search(r"\bNC\b|CC BY-NC|not stated", licence)


def fold_of(document: str) -> int:
    """Which of the FOLDS it belongs to when something is cross-validated by document."""
    return zlib.crc32(("fold" + document).encode()) % FOLDS


def held_out(document: str) -> bool:
    return zlib.crc32(document.encode()) % 3 == 0


def read(path: Path) -> list[dict[str, Any]]:
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def same_language_rows(data: Path) -> dict[str, tuple[list[Row], list[Row]]]:
    """Per language: (rows that may be fitted, rows that only measure)."""
    english_fit = [
        Row(sentence["text"], r["passages"], not sentence["unsupported"], f"rt-{r['source_id']}", "ragtruth_responses")
        for r in read(data / "ragtruth_qa_responses.jsonl")
        for sentence in r["sentences"]
        if len(sentence["text"].split()) > 2
    ]
    english_measure: list[Row] = []
    for r in read(data / "support.jsonl"):
        source = r.get("source_text") or " ".join(r["source_sentences"])
        row = Row(r["claim"], source, r["y"] == 1, r["source_id"], r["origin"])
        (english_fit if may_be_fitted(r["licence"]) else english_measure).append(row)
    arabic_fit: list[Row] = []
    arabic_measure: list[Row] = []
    for r in read(data / "support_ar.jsonl"):
        if r["lang_source"] == r["lang_claim"] == "ar":
            row = Row(r["claim"], r["source_text"], r["y"] == 1, fold(r["source_text"]), r["origin"])
            (arabic_fit if may_be_fitted(r["licence"]) else arabic_measure).append(row)
    return {"en": (english_fit, english_measure), "ar": (arabic_fit, arabic_measure)}


def aligned_pairs(data: Path) -> list[tuple[str, str, str, str]]:
    """(document, neighbourhood, English, Arabic) of paragraphs cut into equally many sentences, and of Tatoeba."""
    paragraphs: dict[str, dict[str, list[dict[str, Any]]]] = defaultdict(lambda: {"en": [], "ar": []})
    for r in read(data / "xquad_r_ar_en.jsonl"):
        if r["type"] == "sentence":
            paragraphs[r["para_id"]][r["lang"]].append(r)
    pairs = []
    for paragraph, by_language in paragraphs.items():
        if len(by_language["en"]) == len(by_language["ar"]):
            for one, other in zip(by_language["en"], by_language["ar"], strict=True):
                pairs.append((one["doc_id"], paragraph, one["text"], other["text"]))
    english = (data / "tatoeba" / "tatoeba.ara-eng.eng").read_text(encoding="utf-8").splitlines()
    arabic = (data / "tatoeba" / "tatoeba.ara-eng.ara").read_text(encoding="utf-8").splitlines()
    for at, (en, ar) in enumerate(zip(english, arabic, strict=True)):
        if at % 3 == 0 and len(content(en)) >= 3 and not en.rstrip().endswith("?"):
            pairs.append((f"tatoeba-{at // 20}", f"tatoeba-{at // 20}", en, ar))
    return pairs
