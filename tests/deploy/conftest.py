"""Fixtures of the deployment's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.deploy.monitored import Monitored
from tests.deploy.programs import program
from tests.deploy.stack import REPORT


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The stack takes minutes and gigabytes: it runs when it is asked for by its marker, as make does."""
    if "compose" in str(config.option.markexpr):
        return
    for item in items:
        if item.get_closest_marker("compose"):
            item.add_marker(pytest.mark.skip(reason="the docker-compose stack: make test-compose"))


@pytest.fixture(scope="session")
def promtool() -> str:
    return program("promtool")


@pytest.fixture(scope="session")
def monitored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Monitored]:
    """A pipeline that has had traffic, copies and a dead letter, as Prometheus saw it."""
    with Monitored(program("prometheus"), tmp_path_factory.mktemp("monitored")) as running:
        running.have_traffic()
        yield running


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--picture", help="write the drawn dashboard there: docs/dashboard.svg")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The state in which a run left the stack."""
    if REPORT:
        terminalreporter.section("the stack at the end")
        for line in REPORT:
            terminalreporter.write_line(line)
