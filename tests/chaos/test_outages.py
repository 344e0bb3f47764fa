"""Outages that need a scene of their own: the dead-letter topic, the disk, a stage that hangs, a long backlog."""

from __future__ import annotations

import resource
from collections.abc import Iterable
from pathlib import Path

import pytest
from kafka.admin import KafkaAdminClient

from pipeline.kafka.topics import Topic, topic_name
from pipeline.record import Article
from pipeline.record.codec import encode
from tests.chaos import checker
from tests.chaos.load import Message
from tests.chaos.report import Report
from tests.chaos.scene import Scene, in_flight
from tests.support.apache_kafka import ApacheKafka
from tests.support.articles import article, articles
from tests.support.faults import Marker
from tests.support.pipelines import LivePipeline
from tests.support.waiting import eventually

pytestmark = pytest.mark.timeout(900)


def _sent(pipeline: LivePipeline, messages: Iterable[Message | Article]) -> list[Message]:
    """Publish; gives what the broker has acknowledged."""
    made = [
        (message.article_id.encode(), encode(message)) if isinstance(message, Article) else message
        for message in messages
    ]
    pipeline.publish_bytes(made)
    return made


def _check(report: Report, fault: str, pipeline: LivePipeline, acknowledged: list[Message]) -> None:
    """All lag is 0, and all that must hold does; into the table with what does not."""
    pipeline.await_lag_zero()
    found = checker.after_all(pipeline, acknowledged)
    report.found(fault, found)
    assert not found, "\n".join(map(str, found))


def test_without_its_dead_letter_topic_a_stage_waits(scene: Scene, report: Report) -> None:
    fault = "dead-letter topic deleted"
    pipeline = scene.pipeline
    worker = pipeline.faulty_worker(options=["--light"]).wait_ready()
    admin = KafkaAdminClient(bootstrap_servers=scene.kafka.address)
    admin.delete_topics([topic_name(pipeline.settings, Topic.DEAD_LETTER)])
    admin.close()
    sent = _sent(pipeline, [(b"broken", b"{"), *articles(10)])

    eventually(lambda: worker.metric("pipeline_retries_total", operation="send") > 0, what="it tries again")
    assert worker.is_alive()
    assert pipeline.lag("duplicates") == 11
    report.injected(fault, in_flight(pipeline))
    pipeline.admin.ensure_topics()

    assert pipeline.await_closed().dead_lettered == 1
    _check(report, fault, pipeline, sent)


def test_a_full_disk_is_waited_out(kafka: ApacheKafka, tmp_path: Path, report: Report) -> None:
    fault = "disk full (SQLite)"
    with LivePipeline(kafka.address, tmp_path) as pipeline:
        others = pipeline.faulty_worker("duplicates", "entities", "quotes", options=["--light"])
        worker = pipeline.faulty_worker("sink").wait_ready()
        others.wait_ready()
        sent = _sent(pipeline, articles(50))
        pipeline.await_closed()

        # The kernel refuses to let any file of this process grow: its database and its log can't be written.
        full = min(file.stat().st_size for file in tmp_path.glob("store.db*") if file.stat().st_size)
        unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (full, resource.RLIM_INFINITY))
        sent += _sent(pipeline, articles(200, start=50))
        eventually(lambda: worker.metric("pipeline_sink_write_errors_total") > 1, what="writing fails")
        report.injected(fault, in_flight(pipeline))
        assert worker.is_alive()
        assert checker.committed_but_not_durable(pipeline) == []
        resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, unlimited)

        assert pipeline.await_closed().stored == 250
        _check(report, fault, pipeline, sent)


def test_a_text_that_hangs_a_stage_is_given_up_and_its_neighbours_go_through(
    scene: Scene, report: Report
) -> None:
    fault = "text that hangs a stage"
    pipeline = scene.pipeline
    sent = _sent(pipeline, [*articles(10), article(10, marker=Marker.HANG), *articles(10, start=11)])
    report.injected(fault, in_flight(pipeline))
    pipeline.faulty_worker(options=["--light"], article_timeout_seconds=2, batch_size=8).wait_ready()

    ledger = pipeline.await_closed()
    assert (ledger.stored, ledger.dead_lettered) == (20, 1)
    assert [letter.reason for letter in pipeline.letters()] == ["stage-timeout"]
    _check(report, fault, pipeline, sent)


def test_a_text_of_a_hundred_thousand_names_harms_no_neighbour(scene: Scene, report: Report) -> None:
    fault = "text of 70,000 names"
    pipeline = scene.pipeline
    crowd = article(10)
    names = "\n\n".join("Clara Oduya met Tobias Wren. " * 50 for _ in range(1000))[: 1000 * 1000]
    crowd = crowd.model_copy(update={"text": f"{crowd.title}\n\n{names}"})
    sent = _sent(pipeline, [*articles(10), crowd, *articles(10, start=11)])
    report.injected(fault, in_flight(pipeline))
    worker = pipeline.faulty_worker(article_timeout_seconds=10, batch_size=8).wait_ready()

    ledger = pipeline.await_closed(within=400)
    assert ledger.stored + ledger.dead_lettered == 21
    assert ledger.stored >= 20
    assert worker.is_alive()
    _check(report, fault, pipeline, sent)


def test_a_slow_stage_on_a_long_backlog_never_stops(
    kafka: ApacheKafka, tmp_path: Path, report: Report
) -> None:
    fault = "slow consumer on a backlog"
    with LivePipeline(kafka.address, tmp_path, batch_size=16) as pipeline:
        sent = _sent(pipeline, articles(2000))
        others = pipeline.faulty_worker("duplicates", "entities", "quotes", options=["--light"]).wait_ready()
        slow = pipeline.faulty_worker("sink", options=["--slow-sink", "0.02"]).wait_ready()
        report.injected(fault, in_flight(pipeline))
        done = 0.0
        while done < 2000:
            now = eventually(
                lambda: found if (found := slow.metric("pipeline_messages_total")) > done else None,  # noqa: B023 - called at once
                within=60,
                what="it gets on",
            )
            done = now
        pipeline.await_lag_zero()
        assert others.is_alive()
        assert pipeline.ledger().stored == 2000
        _check(report, fault, pipeline, sent)
