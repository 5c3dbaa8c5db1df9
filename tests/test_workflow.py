"""The workflow of a fork runs what this repository has, and all that .ci/run does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def steps(path: Path) -> list[dict[str, Any]]:
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_it_makes_what_continuous_integration_makes(path: Path) -> None:
    targets = re.findall(r"\bmake ([a-z]+)", "\n".join(step.get("run", "") for step in steps(path)))
    required = re.findall(r"^make .*?([a-z]+)$", (ROOT / ".ci" / "run").read_text(encoding="utf-8"), re.MULTILINE)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert required
    assert set(required) <= set(targets)
    assert not [target for target in targets if not re.search(rf"^{target}:", makefile, re.MULTILINE)]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_named_with_a_version_and_nothing_is_secret(path: Path) -> None:
    actions = [step["uses"] for step in steps(path) if "uses" in step]
    assert actions
    assert not [action for action in actions if not re.fullmatch(r"[\w-]+/[\w-]+@v\d+", action)]
    assert "secrets." not in path.read_text(encoding="utf-8")
