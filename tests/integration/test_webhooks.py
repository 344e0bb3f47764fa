"""Webhooks: signed, told again after a failure, given up, and none holds up another."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
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
from pipeline.stream.alerting import alerting_for
from pipeline.webhooks import SIGNATURE, TIMESTAMP, Deliverer, signature, wait
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


def test_500_and_then_200_and_the_signature_is_right(store: SqlStore) -> None:
    clock = Clock()
    with desk(500, 200) as server:
        _answered(store, server.address)
        clock.now = datetime.now(UTC)
        deliverer = Deliverer(store.alerts, _SECRET, now=clock)
        assert deliverer.deliver() == 1
        assert deliverer.deliver() == 0  # not yet
        clock.now += wait(0)
        assert deliverer.deliver() == 1
        clock.now += wait(20)
        assert deliverer.deliver() == 0
    [(_, first), (headers, body)] = server.got
    assert first == body
    assert headers[SIGNATURE] == signature(_SECRET, headers[TIMESTAMP], body)
    assert headers[SIGNATURE] != signature(b"another secret", headers[TIMESTAMP], body)
    assert Alert.model_validate_json(body) == store.alerts.page().found[0]


def test_one_that_hangs_holds_up_no_other(store: SqlStore) -> None:
    with desk(0) as hanging, desk(200) as well:
        _answered(store, hanging.address, well.address)
        assert Deliverer(store.alerts, _SECRET, timeout=0.5).deliver() == 2
        assert (len(hanging.got), len(well.got)) == (1, 1)


def test_redirects_are_not_followed_and_what_fails_for_long_is_kept_as_failed(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "GIVEN_UP_AFTER", 1)
    with desk(307, 200) as server:
        _answered(store, server.address)
        deliverer = Deliverer(store.alerts, _SECRET)
        assert deliverer.deliver() == 1
        [failed] = store.alerts.undelivered(10)
        assert (failed.problem, failed.attempts, len(server.got)) == ("answered 307", 1, 1)
        assert store.alerts.retry(datetime.now(UTC)) == 1
        assert deliverer.deliver() == 1
    assert store.alerts.undelivered(10) == []


def test_the_command_sends_what_is_due_and_lists_what_was_given_up(
    store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PIPELINE_DATABASE_URL", "sqlite:///store.db")
    monkeypatch.setattr(webhooks, "GIVEN_UP_AFTER", 1)
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
