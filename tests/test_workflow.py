"""The workflow of a fork runs what this repository has: every `make` target and `sanad` command of it exists."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from qa.cli import main

ROOT = Path(__file__).parent.parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def steps(path: Path) -> list[dict[str, Any]]:
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def commands(path: Path) -> str:
    return "\n".join(step.get("run", "") for step in steps(path))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_make_targets_and_commands_exist(path: Path) -> None:
    targets = re.findall(r"\bmake ([a-z]+)", commands(path))
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert {"setup", "lint", "test"} <= set(targets)
    assert not [target for target in targets if not re.search(rf"^{target}:", makefile, re.MULTILINE)]
    for command, options in re.findall(r"\.venv/bin/sanad (\w+)(.*)", commands(path)):
        help_text = CliRunner().invoke(main, [command, "--help"]).output
        assert not [option for option in re.findall(r"--[a-z-]+", options) if option not in help_text], command


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_named_with_a_version_and_nothing_is_secret(path: Path) -> None:
    actions = [step["uses"] for step in steps(path) if "uses" in step]
    assert actions
    assert not [action for action in actions if not re.fullmatch(r"[\w-]+/[\w-]+@v\d+", action)]
    assert "secrets." not in path.read_text(encoding="utf-8")
