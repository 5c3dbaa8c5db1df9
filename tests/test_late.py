"""Late interaction: pieces as the library makes them, and what the agreement of words does to a ranking."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import index.late
from index import Hit, Index, Passage
from index.e5 import e5_tokenizer, e5_weights
from index.e5_graph import mean_states, token_states
from index.late import POOL, READ, LateInteraction, token_states_of
from index.neutral import unit_rows
from index.pieces import piece_ids

CORPUS = Path(__file__).parent.parent / "corpus"
TEXTS = [
    "Japan and the United States signed a deal on critical minerals.",
    "وقعت اليابان والولايات المتحدة اتفاقًا بشأن المعادن الحيوية ﷺ.",
    "  two  spaces,\ttabs — “quotes” and ٢٪ ½ ﬁne",
    "日本の首相は誰ですか？",
    "</s> is no end of a sentence here",
    "a zero\u200bwidth and a \u202ebidi\u202c mark, 👩🚀",
    "",
]


def test_pieces_are_those_of_the_library() -> None:
    lines = [line for file in sorted(CORPUS.glob("*.txt")) for line in file.read_text(encoding="utf-8").splitlines()]
    special = {e5_weights().bos, e5_weights().eos, e5_weights().pad}
    for text in [*lines, *TEXTS]:
        text = f"passage: {text}".strip()  # SentencePiece drops a space at the end, the library does not
        ours = piece_ids(text)
        assert not special & {*ours}
        if "</s>" not in text:  # where the library sees an end
            assert ours == e5_tokenizer().encode(text).ids


def test_a_text_of_characters_that_no_piece_holds() -> None:
    assert e5_weights().unknown in piece_ids("ᚠᚢᚦ")
    assert piece_ids("") == []


def test_states_of_all_layers_have_the_mean_that_the_encoder_makes_a_vector_of() -> None:
    weights = e5_weights()
    sequences = [[weights.bos, *piece_ids(f"passage: {text}"), weights.eos] for text in TEXTS]
    states = list(map(token_states(weights.layers), sequences))
    assert [len(one) for one in states] == [len(one) for one in sequences]
    ours, theirs = unit_rows(np.stack([one.mean(axis=0) for one in states])), unit_rows(mean_states()(sequences))
    assert (ours * theirs).sum(axis=1).min() > 0.999


def test_nothing_is_told_to_anybody_and_nothing_is_forked() -> None:
    """OpenVINO's telemetry sends from a forked process when it is imported, unless this looks like continuous integration."""
    code = (
        "import os, sys, time; os.register_at_fork(before=lambda: print('forked', flush=True))\n"
        "from index.e5_graph import token_states; token_states(1)([0, 5, 2]); time.sleep(1)\n"
        "print([name for name in sys.modules if name.startswith('openvino_telemetry') and sys.modules[name]])"
    )
    quiet = {name: value for name, value in os.environ.items() if name not in ("CI", "TF_BUILD", "JENKINS_URL")}
    run = subprocess.run([sys.executable, "-c", code], env=quiet, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_states_do_not_hold_the_prefix() -> None:
    states, ids = token_states_of("Who signed?", "query")
    assert ids == piece_ids("Who signed?")
    assert len(states) == len(ids)


def test_words_agree_with_their_translation_and_not_with_its_neighbour() -> None:
    texts = ["وقعت اليابان اتفاقا بشأن المعادن الحيوية.", "قدمت رئيسة الوزراء عصا غولف هدية."]
    late = LateInteraction()
    minerals = late.agreement("Who signed the minerals deal?", "en", texts, "ar")
    golf = late.agreement("Who gave a golf club?", "en", texts, "ar")
    assert minerals[0] > minerals[1] + 0.02
    assert golf[1] > golf[0] + 0.02
    same = late.agreement(texts[0], "ar", texts, "ar")
    assert same[0] > 0.7 > same[1]


def test_a_question_whose_pieces_say_nothing_changes_nothing() -> None:
    assert LateInteraction().agreement(",", "en", TEXTS, "en").tolist() == [0] * len(TEXTS)


def test_what_is_added_favours_no_language_and_what_was_not_read_gains_nothing() -> None:
    hits = [hit(number, "en" if number % 4 else "ar") for number in range(POOL + 5)]
    before = {one.passage.id: one.score for one in hits}
    after = LateInteraction().reranked("Which deal on minerals was signed?", hits)
    assert [one.score for one in after] == sorted((one.score for one in after), reverse=True)
    for language in ("en", "ar"):
        mine = [one for one in hits if one.passage.language == language]
        added = {
            one.passage.id: one.score - before[one.passage.id]
            for one in after
            if one.passage in {h.passage for h in mine}
        }
        read = [added[one.passage.id] for one in mine[:READ]]
        assert abs(sum(read)) < 1e-5
        assert max(read) > 0
        assert all(added[one.passage.id] == pytest.approx(min(read), abs=1e-6) for one in mine[READ:])


def test_the_ranking_does_not_depend_on_how_much_of_it_is_wanted(corpus_index: Path) -> None:
    opened = Index.open(corpus_index)
    whole = opened.search("What does the minerals deal include?", len(opened.passages))
    for k in (1, 5, POOL + 1):
        assert opened.search("What does the minerals deal include?", k) == whole[:k]
    assert Index.open(corpus_index).search("What does the minerals deal include?", 5) == whole[:5]
    assert Index.open(corpus_index, reranker="none").search("What does the minerals deal include?", 5) != whole[:5]


def test_a_short_memory_and_several_threads_change_nothing(corpus_index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    questions = [
        "What did China restrict?",
        "Who gave Trump a golf club?",
        "أين التقى الزعيمان؟",
        "Where did they meet?",
    ] * 3
    opened = Index.open(corpus_index)
    alone = [opened.search(question, 5) for question in questions]
    monkeypatch.setattr(index.late, "_REMEMBERED", 300)
    forgetful = Index.open(corpus_index)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda question: forgetful.search(question, 5), questions))
    assert [[one.passage for one in hits] for hits in found] == [[one.passage for one in hits] for hits in alone]
    assert isinstance(forgetful.reranker, LateInteraction)
    assert sum(map(len, forgetful.reranker._memory.values())) <= 300


def hit(number: int, language: str) -> Hit:
    text = TEXTS[1] if language == "ar" else TEXTS[0]
    passage = Passage("a.txt", number + 1, 20 * number, 20 * number + 10, f"{number}. {text}", language, "prose", "")
    score = 1 - number / 100
    return Hit(passage, score, score, score, 0.0, None, number + 1)
