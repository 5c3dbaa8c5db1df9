"""The option that runs every experiment at its whole count, and the tally each of them keeps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from faults.tally import Tally
from faults.zygote import Zygote

_TALLY = pytest.StashKey[Tally]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--faults-record", type=Path, help="Run the experiments of tests/faults at their whole counts, recorded here."
    )
    parser.addoption("--faults-quick", action="store_true", help="Record them at the counts of the ordinary suite.")
    parser.addoption("--faults-seed", type=int, default=0, help="What their random choices start from.")
    parser.addoption("--soak", type=float, default=None, help="Seconds of the load experiment.")


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Tally:
    record = request.config.getoption("--faults-record", default=None)
    name = request.node.nodeid
    whole = record is not None and not request.config.getoption("--faults-quick")
    kept = Tally(name, whole, request.config.getoption("--faults-seed", default=0))
    request.node.stash[_TALLY] = kept
    return kept


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):  # type: ignore[no-untyped-def]
    report = yield
    record = item.config.getoption("--faults-record", default=None)
    tally = item.stash.get(_TALLY, None)
    if report.when == "call" and tally is not None and record is not None:
        tally.losses = int(report.failed)
        if report.skipped:
            tally.figures["not run"] = str(call.excinfo.value) if call.excinfo else "skipped"
        tally.write(record)
    return report


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    with Zygote() as opened:
        yield opened
