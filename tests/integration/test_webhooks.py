"""Webhooks: signed, told again after a failure, given up, and none holds up another."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipeline import webhooks
from pipeline.cli.main import app
from pipeline.questions.question import question_of
from pipeline.record import Alert
from pipeline.stores.sql.store import SqlStore, open_sql_store
from pipeline.stores.standing import Delivery
from pipeline.stream.alerting import alerting_for
from pipeline.webhooks import GIVEN_UP_AFTER, SIGNATURE, TIMESTAMP, Deliverer, pause, signature
from tests.support.waiting import eventually
from tests.unit.stores.builders import full_record

_SECRET = b"a secret of the desk"


class Desk(ThreadingHTTPServer):
    """A receiver that answers what it is told to, and keeps what it got."""

    daemon_threads = True

    def __init__(self, *answers: int) -> None:
        self.answers = list(answers)
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.released = threading.Event()
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/alerts?desk=1"


class _Handler(BaseHTTPRequestHandler):
    server: Desk

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((dict(self.headers.items()), body))
        status = self.server.answers.pop(0)
        if not status:
            self.server.released.wait(30)
            return
        self.send_response(status)
        self.send_header("Location", self.server.address)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def desk(*answers: int) -> Iterator[Desk]:
    with Desk(*answers) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.released.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    with closing(open_sql_store(f"sqlite:///{tmp_path / 'store.db'}")) as opened:
        opened.upgrade()
        opened.write([full_record()])
        yield opened


def _answered(store: SqlStore, *addresses: str) -> None:
    for number, address in enumerate(addresses):
        fields = {"id": f"q{number}", "title": "t", "words": "ferry", "webhook": address}
        store.questions.put(question_of(fields))
    alerting = alerting_for(store, least_confidence=0.6)
    assert alerting is not None
    assert len(alerting.answered([full_record()])) == len(addresses)


class Clock:
    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


def _deliver(deliverer: Deliverer) -> None:
    deliverer.run(threading.Event(), once=True)


def test_500_and_then_200_and_the_signature_is_right(store: SqlStore) -> None:
    clock = Clock()
    with desk(500, 200) as server:
        _answered(store, server.address)
        clock.now = datetime.now(UTC)
        deliverer = Deliverer(store.alerts, _SECRET, now=clock)
        _deliver(deliverer)
        _deliver(deliverer)
        assert len(server.got) == 1  # not yet again
        clock.now += pause(0)
        _deliver(deliverer)
        clock.now += pause(20)
        _deliver(deliverer)
    [(_, first), (headers, body)] = server.got
    assert first == body
    assert headers[SIGNATURE] == signature(_SECRET, headers[TIMESTAMP], body)
    assert headers[SIGNATURE] != signature(b"another secret", headers[TIMESTAMP], body)
    assert Alert.model_validate_json(body) == store.alerts.page().found[0]


def test_one_that_hangs_holds_up_no_other(store: SqlStore) -> None:
    """The other one has all of its alerts while the first of the hanging one is still being waited for."""
    with desk(0) as hanging, desk(200, 200, 200) as well:
        _answered(store, *[hanging.address] * 3, *[well.address] * 3)
        stop = threading.Event()
        running = threading.Thread(target=Deliverer(store.alerts, _SECRET, timeout=30).run, args=(stop,))
        running.start()
        eventually(lambda: store.alerts.counts()[Delivery.DUE] == 3, what="all but those of the hanging one")
        assert (len(hanging.got), len(well.got)) == (1, 3)
        stop.set()
        hanging.released.set()
        running.join(30)
        assert not running.is_alive()
    assert len(hanging.got) == 1  # it is left alone for a time


def test_an_answer_that_does_not_come_in_time_is_a_failure(store: SqlStore) -> None:
    with desk(0) as hanging:
        _answered(store, hanging.address)
        _deliver(Deliverer(store.alerts, _SECRET, timeout=0.2))
    [waiting] = store.alerts.due(datetime.now(UTC) + pause(0), datetime.now(UTC) + pause(1), 10)
    assert (waiting.attempts, waiting.failures) == (1, 1)


def test_redirects_are_not_followed_and_what_fails_for_a_day_is_kept_as_failed(store: SqlStore) -> None:
    clock = Clock()
    with desk(307, 200) as server:
        _answered(store, server.address)
        clock.now = datetime.now(UTC) + 2 * GIVEN_UP_AFTER
        deliverer = Deliverer(store.alerts, _SECRET, now=clock)
        _deliver(deliverer)
        [failed] = store.alerts.undelivered(10)
        assert (failed.problem, failed.attempts, len(server.got)) == ("answered 307", 1, 1)
        assert store.alerts.retry(clock.now) == 1
        _deliver(deliverer)
    assert store.alerts.undelivered(10) == []
    assert len(server.got) == 2


def test_the_command_sends_what_is_due_and_lists_what_was_given_up(
    store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PIPELINE_DATABASE_URL", "sqlite:///store.db")
    monkeypatch.setattr(webhooks, "GIVEN_UP_AFTER", timedelta(days=-1))
    unsigned = CliRunner().invoke(app, ["questions", "deliver"]).exception
    assert "PIPELINE_WEBHOOK_SECRET is not set" in str(unsigned)
    monkeypatch.setenv("PIPELINE_WEBHOOK_SECRET", _SECRET.decode())
    with desk(500, 200) as server:
        _answered(store, server.address)
        assert CliRunner().invoke(app, ["questions", "deliver", "--once"]).exit_code == 0
        failed = CliRunner().invoke(app, ["questions", "deliver", "--failed"])
        assert (failed.exit_code, "answered 500" in failed.stdout) == (0, True)
        assert CliRunner().invoke(app, ["questions", "deliver", "--once", "--retry-failed"]).exit_code == 0
    assert [headers["Content-Type"] for headers, _ in server.got] == ["application/json"] * 2
    assert store.alerts.undelivered(10) == []
