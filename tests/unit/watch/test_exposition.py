from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from pipeline.errors import SettingsError
from pipeline.flow import FLOW
from pipeline.watch import metrics
from pipeline.watch.exposition import Exposition

problems: list[str] = []


@pytest.fixture
def server() -> Iterator[Exposition]:
    problems.clear()
    exposition = Exposition("127.0.0.1", 0, live=lambda: problems, ready=list)
    yield exposition
    exposition.close()


def get(server: Exposition, path: str) -> tuple[int, str]:
    try:
        with urlopen(server.url.replace("/metrics", path)) as answer:  # noqa: S310 - a loopback address of ours
            return answer.status, answer.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_metrics_are_served(server: Exposition) -> None:
    metrics.start_at_zero([FLOW["sink"]])
    status, body = get(server, "/metrics")
    assert status == 200
    assert 'pipeline_messages_total{outcome="dead_letter",stage="sink"}' in body


def test_a_probe_answers_with_its_reasons(server: Exposition) -> None:
    assert get(server, "/live") == (200, "ok\n")
    problems.append("sink: no progress")
    assert get(server, "/live") == (503, "sink: no progress\n")
    assert get(server, "/ready") == (200, "ok\n")


def test_other_paths_say_what_there_is(server: Exposition) -> None:
    assert get(server, "/") == (404, "/metrics, /live, /ready\n")


def test_a_taken_port_is_named_with_its_fix() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=rf"PIPELINE_METRICS_PORT: .*:{port} .*choose another, or 0"):
            Exposition("127.0.0.1", port, live=list, ready=list)
