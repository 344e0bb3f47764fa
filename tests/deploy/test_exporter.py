"""The exporter: what it counts and how it answers, without a worker."""

from __future__ import annotations

import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.accounts import deadletters
from pipeline.errors import Reason, TransientError
from pipeline.kafka.embedded import EmbeddedBroker
from pipeline.kafka.topics import Topic
from pipeline.record import DeadLetter
from pipeline.record.codec import encode
from pipeline.settings import Settings
from pipeline.watch import metrics
from pipeline.watch.exporter import DeadLetterCensus, Exporter
from tests.support.articles import articles
from tests.support.pipelines import LivePipeline
from tests.support.waiting import eventually


@pytest.fixture
def pipeline(tmp_path: Path) -> Iterator[LivePipeline]:
    with EmbeddedBroker(tmp_path / "broker.log") as broker, LivePipeline(broker.address, tmp_path) as running:
        yield running


def letter(number: int, reason: Reason) -> DeadLetter:
    return DeadLetter(
        letter_id=f"letter-{number}",
        article_id=f"article-{number}",
        stage="entities",
        topic="raw",
        partition=0,
        offset=number,
        key=None,
        value=None,
        reason=reason,
        error="too long",
        attempts=1,
        failed_at=datetime(2026, 3, 1, tzinfo=UTC),
    )


def waiting(reason: Reason) -> float:
    return float(metrics.DEAD_LETTERS_OPEN.labels(reason)._value.get())


def test_dead_letters_are_counted_by_reason_until_they_are_decided_on(pipeline: LivePipeline) -> None:
    census = DeadLetterCensus(pipeline.settings)
    made = [letter(0, Reason.TOO_LARGE), letter(1, Reason.TOO_LARGE), letter(2, Reason.NOT_JSON)]
    pipeline.publish_bytes([(one.letter_id.encode(), encode(one)) for one in made], topic=Topic.DEAD_LETTER)
    census.count()
    assert (waiting(Reason.TOO_LARGE), waiting(Reason.NOT_JSON), waiting(Reason.STAGE_ERROR)) == (2, 1, 0)
    deadletters.discard(pipeline.settings, made[:1])
    census.count()
    assert (waiting(Reason.TOO_LARGE), waiting(Reason.NOT_JSON)) == (1, 1)


def test_the_topic_is_read_again_only_when_something_was_added(
    pipeline: LivePipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    census = DeadLetterCensus(pipeline.settings)
    census.count()
    monkeypatch.setattr("pipeline.watch.exporter.letters", lambda *_: pytest.fail("read again"))
    census.count()


def test_a_stage_that_nobody_runs_has_its_lag_told(pipeline: LivePipeline) -> None:
    pipeline.publish(articles(5))
    with Exporter(pipeline.settings, interval=0.1, census_interval=60) as running:
        eventually(lambda: answer(running.url, "/ready")[0] == 200, within=30, what="ready")
        page = answer(running.url, "/metrics")[1]
    group = pipeline.settings.group("duplicates")
    (line,) = [
        line for line in page.splitlines() if f'lag_messages{{group="{group}"' in line and "raw" in line
    ]
    assert line.endswith(" 5.0")


def test_without_a_broker_the_exporter_is_alive_but_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = threading.Event()

    def away(_: Settings) -> None:
        asked.set()
        raise TransientError("no answer from Kafka")

    monkeypatch.setattr("pipeline.watch.health.Admin", away)
    monkeypatch.setattr("pipeline.watch.exporter.Admin", away)
    with Exporter(Settings(_env_file=None, metrics_port=0), interval=0.01) as running:
        assert asked.wait(10)
        assert answer(running.url, "/live")[0] == 200
        assert answer(running.url, "/ready") == (503, "no reading of the lag from the brokers\n")


def answer(url: str, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url.removesuffix("/metrics") + path, timeout=30) as found:  # noqa: S310 - our own http URL
            return found.status, found.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
