"""Options of the test run."""

from __future__ import annotations

import gc
import warnings

import hypothesis
import pytest

# How long one example takes says more of the machine, and of what is loaded for the first time, than of the code.
hypothesis.settings.register_profile("project", deadline=None)
hypothesis.settings.load_profile("project")


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


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What waits for brokers and workers first: what only computes fills the time while others wait, and the end."""
    items.sort(key=lambda item: "integration" not in item.path.parts)


def pytest_sessionfinish() -> None:
    # The same for those that nothing has collected yet: no filter holds when the run is over.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
