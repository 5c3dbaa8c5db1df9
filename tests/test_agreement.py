"""benchmarks/agreement.py end to end, on labelled rows written here."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, cohen_kappa_score, roc_auc_score

ROOT = Path(__file__).parent.parent
PAGE = "# Page\n\nBefore.\n<!-- claims: x -->\nold\n<!-- /claims -->\nBetween.\n<!-- answers -->\n<!-- /answers -->\nAfter.\n"
TOWNS = ("Sarda", "Malin", "Torvik", "Elba", "Quorra", "Yalta")


def rows(path: Path, some: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in some), encoding="utf-8")


def english(n: int, origin: str, licence: str, *, right: bool, label: str) -> dict[str, Any]:
    town = TOWNS[n % len(TOWNS)]
    source = f"The mill of {town} was built in {1870 + n} by two brothers. It ground wheat for {n + 3} villages."
    claim = f"The mill of {town} was built in {1870 + n if right else 1930 + n}."
    return {
        "origin": origin, "source_id": f"{origin}-{n}", "source_text": source, "claim": claim, "label": label, "y": int(right),
        "licence": licence, "lang": "en",
    }  # fmt: skip


def arabic(n: int, origin: str, source_language: str, *, right: bool) -> dict[str, Any]:
    source = f"بني جسر القرية سنة {1900 + n} وافتتحه الوزير."
    if source_language == "en":
        source = f"The bridge of the village was built in {1900 + n} and opened by the minister."
    return {
        "origin": origin, "source_text": source, "claim": f"بني جسر القرية سنة {1900 + n if right else 1950 + n}.",
        "label": "supported" if right else "neutral", "y": int(right), "licence": "derived from SICK (CC BY-NC-SA 3.0)",
        "lang_source": source_language, "lang_claim": "ar",
    }  # fmt: skip


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("labels")
    labels = ("supported", "partially_supported")
    rows(
        folder / "support.jsonl",
        [english(n, "wice", "ODC-BY", right=n % 2 == 0, label=labels[n % 2]) for n in range(6)]
        + [english(n, "faithbench", "CC BY-NC-SA 4.0", right=n % 2 == 0, label="x") for n in range(6)],
    )
    rows(
        folder / "support_ar.jsonl",
        [arabic(n, "arnli", "ar", right=n % 2 == 0) for n in range(4)]
        + [arabic(n, "arnli", "en", right=n % 2 == 0) for n in range(4)],
    )
    source = "passage 1: The mill of Sarda was built in 1870 by two brothers and ground wheat for three villages."
    right = {"text": "The mill of Sarda was built in 1870.", "unsupported": False}
    wrong = {"text": "The mill of Sarda was built in 1990.", "unsupported": True}
    rows(
        folder / "ragtruth_qa_responses.jsonl",
        [
            {"source_id": str(n), "passages": source, "sentences": [right, right if n % 2 else wrong]}
            for n in range(4)
        ],
    )  # fmt: skip
    (folder / "page.md").write_text(PAGE, encoding="utf-8")
    subprocess.run(
        [sys.executable, "benchmarks/agreement.py", "--data", folder, "--page", folder / "page.md"],
        cwd=ROOT, check=True, env={"PYTHONPATH": str(ROOT), "PATH": ""},
    )  # fmt: skip
    return (folder / "page.md").read_text(encoding="utf-8")


def cells(page: str, start: str) -> list[str]:
    (line,) = [line for line in page.splitlines() if line.startswith(start)]
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_what_stands_around_the_marks_stays(page: str) -> None:
    for kept in (
        "# Page\n\nBefore.\n<!-- claims: x -->\n|",
        "<!-- /claims -->\nBetween.\n",
        "<!-- /answers -->\nAfter.\n",
    ):
        assert kept in page
    assert "old" not in page


def test_rows_of_documents_that_are_fitted_to_are_marked(page: str) -> None:
    assert cells(page, "| en → en | WiCE")[2:4] == ["yes", "6 / 6"]
    assert cells(page, "| en → en | FaithBench")[2:4] == ["no", "6 / 6"]
    assert cells(page, "| ar → ar | ArNLI")[2] == "no"
    assert cells(page, "| mean score")[1] == "yes"


def test_a_verifier_that_sees_the_year_agrees_with_the_labels(page: str) -> None:
    for start in ("| en → en | FaithBench", "| ar → ar | ArNLI"):
        found = cells(page, start)
        assert found[4] == "50%"
        assert found[5] == "1.00 [1.00, 1.00]"
    assert cells(page, "| mean score")[3] == "1.00 [1.00, 1.00]"


def test_degrees_only_where_labels_have_them(page: str) -> None:
    assert cells(page, "| en → en | WiCE")[9] != "–"
    assert cells(page, "| en → en | FaithBench")[9] == "–"


def test_figures_are_those_of_scikit_learn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    agreement = importlib.import_module("agreement")
    draw = np.random.default_rng(1)
    for _ in range(5):
        right, score = draw.random(60) < 0.4, draw.integers(0, 9, 60) / 9
        accepted = score > 0.5
        assert agreement.auc(right, score) == pytest.approx(roc_auc_score(right, score))
        assert agreement.kappa(right, accepted) == pytest.approx(cohen_kappa_score(right, accepted))
        assert agreement.balanced_accuracy(right, accepted) == pytest.approx(balanced_accuracy_score(right, accepted))
