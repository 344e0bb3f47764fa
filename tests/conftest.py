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


def pytest_configure(config: pytest.Config) -> None:
    # kafka-python leaves sockets of connections that it gave up to the garbage collector.
    config.addinivalue_line("filterwarnings", "ignore:unclosed <socket.socket:ResourceWarning")
