"""Options of the test run."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--broker",
        choices=("embedded", "kafka"),
        default="embedded",
        help="which broker the integration tests run on; kafka needs Java 17 and Maven",
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # kafka-python leaves sockets of connections that it gave up to the garbage collector.
    forgiving = pytest.mark.filterwarnings(
        "ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"
    )
    for item in items:
        if {"broker", "kafka"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(forgiving)
