"""What /openapi.json says of the server holds for whatever is sent to it (schemathesis)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case
from schemathesis.checks import load_all_checks
from serving import Served, served

load_all_checks()
REFUSED_BY_WORDING = schemathesis.checks.CHECKS.get_by_names(
    ["positive_data_acceptance"]
)  # "?!" is a text, and no question


@pytest.fixture(scope="module")
def running(corpus_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("openapi"), "--index", corpus_index, "--llm", "none") as server:
        yield server


@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode), ids=lambda mode: mode.value)
def test_every_route_answers_as_described(running: Served, mode: schemathesis.GenerationMode) -> None:
    """Requests that the description allows and such that it does not; 15 of each for every route."""
    described = schemathesis.openapi.from_url(f"{running.url}/openapi.json")
    tried: set[str] = set()
    for operation in (result.ok() for result in described.get_all_operations()):

        @settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy(generation_mode=mode))
        def answers(case: Case) -> None:
            tried.add(case.operation.label)
            with requests.Session() as session:
                session.trust_env = False
                case.call_and_validate(session=session, excluded_checks=REFUSED_BY_WORDING)

        if mode.is_positive or operation.body or operation.query or operation.path_parameters:
            answers()
    assert {"POST /ask", "POST /search", "POST /verify", "GET /articles", "GET /articles/{path}"} <= tried


def test_nothing_was_unforeseen(running: Served) -> None:
    assert "Traceback" not in running.log
    assert running.figure("sanad_requests_inside") == 0
