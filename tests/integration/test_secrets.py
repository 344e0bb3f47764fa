"""A canary in every secret there is: a whole run, and runs that fail, tell it to nobody."""

from __future__ import annotations

import logging
import subprocess
from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlalchemy import make_url

from pipeline.accounts.deadletters import Selection
from pipeline.kafka.scan import scan
from pipeline.kafka.topics import Topic
from pipeline.record.codec import encode
from pipeline.settings import SaslMechanism, SecurityProtocol, Settings
from tests.integration.conftest import NewPipeline
from tests.integration.postgres import PostgresServer
from tests.support.articles import article
from tests.support.certificates import Authority
from tests.support.faults import Marker
from tests.support.pipelines import LivePipeline
from tests.support.waiting import eventually

pytestmark = pytest.mark.long

_CANARY = "canary-4be1"


def _with_password(url: str) -> str:
    return make_url(url).set(password=_CANARY).render_as_string(hide_password=False)


def _said(done: subprocess.CompletedProcess[bytes]) -> bytes:
    said = done.stdout + done.stderr
    assert said, done.args
    return said


@pytest.fixture(scope="module")
def told(new_pipeline: NewPipeline, postgres_server: PostgresServer) -> LivePipeline:
    """A pipeline whose store has a password, and whose log tells everything it knows."""
    pipeline = new_pipeline(database_url=_with_password(postgres_server.new_database()), log_level="DEBUG")
    assert _CANARY in pipeline.environment["PIPELINE_DATABASE_URL"]
    return pipeline


def test_a_whole_run_shows_no_secret(told: LivePipeline) -> None:
    worker = told.worker("duplicates", "sink").wait_ready()
    told.faulty_worker("entities", "quotes", options=["--light"]).wait_ready()
    tells = article(1, marker=Marker.TELL)
    told.publish_bytes([(b"broken", b"{"), (tells.article_id.encode(), encode(tells))])
    (told.folder / "ferry.txt").write_text("Ferry reopens\n\nThe ferry reopened on Monday.", encoding="utf-8")

    replayed = told.run("replay", "ferry.txt", "--json")
    told.await_closed()
    letters = told.letters()
    assert {letter.reason for letter in letters} == {"not-json", "stage-error"}
    (telling,) = (letter for letter in letters if letter.reason == "stage-error")
    assert "database_url=SecretStr" in telling.error, "the stage did tell its settings"

    said = {
        "replay": _said(replayed),
        **{
            " ".join(command): _said(told.run(*command))
            for command in (
                ("status",),
                ("status", "--json"),
                ("doctor",),
                ("doctor", "--json"),
                ("verify",),
                ("topics", "list"),
                ("store", "check"),
                ("articles", "--json"),
                ("dead-letters", "list"),
                ("dead-letters", "show", telling.letter_id),
                ("dead-letters", "redrive", "--reason", "stage-error", "--yes"),
                ("dead-letters", "discard", "--reason", "not-json", "--yes"),
            )
        },
    }
    eventually(lambda: telling.letter_id not in {letter.letter_id for letter in told.letters()})
    told.await_closed()
    said["metrics"] = worker.metrics_page().encode()
    worker.stop()
    said["logs"] = b"".join(log.read_bytes() for log in told.folder.glob("worker-*.log"))
    assert b" DEBUG " in said["logs"]
    for topic in Topic:
        said[topic] = b"".join((m.key or b"") + (m.value or b"") for m in scan(told.settings, topic))
    said["letters"] = repr(told.letters(Selection(status=None))).encode()
    said["store"] = repr(told.rows()).encode()

    assert [where for where, text in said.items() if _CANARY.encode() in text] == []


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql+psycopg://someone:{_CANARY}@127.0.0.1:1/news",
        f"postgresql+psycopg://127.0.0.1:1/news?user=someone&password={_CANARY}",
        f"postgresql+psycopg://someone:{_CANARY}@127.0.0.1:1/news?sslmode=bogus",
        f"postgresql+psycopg://someone:{_CANARY}@127.0.0.1:1/news?no_such_option=1",
        f"mysql://someone:{_CANARY}@127.0.0.1/news?password={_CANARY}",
        f"postgresql+psycopg://someone:{_CANARY}@127.0.0.1:port/news",
    ],
)
def test_a_database_that_cannot_be_reached_shows_no_secret(told: LivePipeline, url: str) -> None:
    said = _said(told.run("doctor", PIPELINE_DATABASE_URL=url))

    assert b"database" in said
    assert _CANARY.encode() not in said
    assert b"Traceback" not in said


def test_a_worker_that_waits_for_its_database_shows_no_secret(told: LivePipeline) -> None:
    worker = told.worker("sink", database_url=f"postgresql+psycopg://someone:{_CANARY}@127.0.0.1:1/news")
    eventually(lambda: "waiting to start: database" in worker.log(), what="it waits for its database")
    worker.kill()

    assert _CANARY not in worker.log()


def test_a_worker_that_the_broker_does_not_let_in_shows_no_secret(told: LivePipeline) -> None:
    worker = told.worker(
        "quotes",
        security_protocol="SASL_PLAINTEXT",
        sasl_mechanism="PLAIN",
        sasl_username="desk",
        sasl_password=_CANARY,
    )
    eventually(lambda: "waiting to start: " in worker.log(), what="it waits for its broker")
    worker.kill()

    assert _CANARY not in worker.log()


@pytest.mark.parametrize("password", [_CANARY, f"{_CANARY}-wrong"])
def test_the_password_of_a_key_is_shown_nowhere(told: LivePipeline, tmp_path: Path, password: str) -> None:
    client = Authority(tmp_path).issue("client", password=_CANARY)
    secret = tmp_path / "key-password"
    secret.write_text(password, encoding="utf-8")
    done = told.run(
        "doctor",
        PIPELINE_BOOTSTRAP_SERVERS="127.0.0.1:1",
        PIPELINE_SECURITY_PROTOCOL="SSL",
        PIPELINE_SSL_CERT_FILE=str(client.certificate),
        PIPELINE_SSL_KEY_FILE=str(client.key),
        PIPELINE_SSL_KEY_PASSWORD_FILE=str(secret),
    )

    assert done.returncode == 1
    assert (b"can't load the certificates" in done.stdout) is (password != _CANARY)
    assert _CANARY.encode() not in _said(done)


def test_settings_and_their_errors_show_no_secret(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)  # no .env of the checkout
    for name in ("SASL_PASSWORD", "SSL_KEY_PASSWORD", "DATABASE_URL"):
        monkeypatch.setenv(f"PIPELINE_{name}", _CANARY)
    with pytest.raises(ValidationError) as refused:
        Settings()
    with caplog.at_level(logging.DEBUG):
        logging.getLogger(__name__).error("half set", exc_info=refused.value)
    monkeypatch.delenv("PIPELINE_SSL_KEY_PASSWORD")
    settings = Settings(
        security_protocol=SecurityProtocol.SASL_PLAINTEXT,
        sasl_mechanism=SaslMechanism.PLAIN,
        sasl_username="desk",
    )
    shown = [str(refused.value), repr(refused.value), repr(refused.value.errors(include_input=False))]
    shown += [repr(settings), str(settings), repr(settings.model_dump()), settings.model_dump_json()]

    assert settings.sasl_password is not None
    assert settings.sasl_password.get_secret_value() == _CANARY
    assert "half set" in caplog.text
    assert _CANARY not in "".join(shown) + caplog.text
