"""A passage rises with what is said in another language, and with nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from index import Filter, Index, refresh_index
from index.echo import ECHO_WEIGHT, SAME_MATTER, echo

SAID = np.eye(4, dtype=np.float32)[:2]  # two matters
SCORES = np.asarray([0.9, 0.5, 0.4, 0.3], dtype=np.float32)


def test_only_the_passage_in_the_other_language_that_says_the_same_rises() -> None:
    vectors = SAID[[0, 0, 0, 1]]
    languages = np.asarray(["en", "en", "ar", "ar"])
    added = echo(SCORES, vectors, languages, np.arange(4))
    assert np.allclose(added, [0, 0, ECHO_WEIGHT * (1 - SAME_MATTER), 0], atol=1e-6)


def test_a_collection_of_one_language_is_ranked_as_without_it() -> None:
    assert not echo(SCORES, SAID[[0, 0, 1, 1]], np.asarray(["ar"] * 4), np.arange(4)).any()


def test_what_is_far_below_the_best_is_hardly_echoed() -> None:
    scores = np.asarray([0.9, 0.2, 0.1], dtype=np.float32)
    added = echo(scores, SAID[[0, 1, 1]], np.asarray(["en", "en", "ar"]), np.arange(3))
    assert added[2] < 1e-6


def test_a_translation_rises_in_a_real_collection(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "a.txt").write_text(
        "The harbour authority of Velden will build a second lighthouse on the northern pier next spring.\n"
        "Tickets for the summer concerts go on sale on Monday at the town hall.\n",
        encoding="utf-8",
    )
    (corpus / "b.txt").write_text(
        "ستبني هيئة ميناء فيلدن منارة ثانية على الرصيف الشمالي في الربيع المقبل.\n"
        "قال الصيادون إن الرصيف الشمالي قديم ويحتاج إلى ترميم قبل الشتاء.\n",
        encoding="utf-8",
    )
    refresh_index(corpus, tmp_path / "index")
    index = Index.open(tmp_path / "index", reranker="none")
    hits = index.search("What will be built on the northern pier?", 4)
    assert [(hit.passage.path, hit.passage.line) for hit in hits[:2]] == [("a.txt", 1), ("b.txt", 1)]
    assert hits[1].score > hits[1].fused
    assert hits[0].score >= hits[0].fused
    alone = index.search("What will be built on the northern pier?", 4, Filter(languages=("ar",)))
    assert [hit.score for hit in alone] == [hit.fused for hit in alone]
