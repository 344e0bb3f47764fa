"""Outages that need a scene of their own: the dead-letter topic, the disk, a stage that hangs, a long backlog."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest
from kafka.admin import KafkaAdminClient

from pipeline.codec import encode
from pipeline.topics import Topic, topic_name
from tests.chaos import checker
from tests.chaos.conftest import Report
from tests.chaos.scene import Scene
from tests.support.apache_kafka import ApacheKafka
from tests.support.articles import article, articles
from tests.support.faults import Marker
from tests.support.pipelines import LivePipeline
from tests.support.waiting import eventually

pytestmark = pytest.mark.timeout(900)


def test_without_its_dead_letter_topic_a_stage_waits(scene: Scene, report: Report) -> None:
    pipeline = scene.pipeline
    worker = pipeline.faulty_worker(options=["--light"]).wait_ready()
    admin = KafkaAdminClient(bootstrap_servers=scene.kafka.address)
    admin.delete_topics([topic_name(pipeline.settings, Topic.DEAD_LETTER)])
    admin.close()
    good = list(articles(10))
    pipeline.publish_bytes([(b"broken", b"{"), *((made.article_id.encode(), encode(made)) for made in good)])

    eventually(lambda: worker.metric("pipeline_retries_total", operation="send") > 0, what="it tries again")
    assert worker.is_alive()
    assert pipeline.lag("duplicates") == 11
    report.note("dead-letter topic deleted", 11)
    pipeline.admin.ensure_topics()

    assert pipeline.await_closed().dead_lettered == 1
    assert checker.altered_letters(pipeline) == []


def test_a_full_disk_is_waited_out(kafka: ApacheKafka, tmp_path: Path, report: Report) -> None:
    with LivePipeline(kafka.address, tmp_path) as pipeline:
        others = pipeline.faulty_worker("duplicates", "entities", "quotes", options=["--light"])
        worker = pipeline.faulty_worker("sink").wait_ready()
        others.wait_ready()
        pipeline.publish(articles(50))
        pipeline.await_closed()

        # The kernel refuses to let any file of this process grow: its database and its log can't be written.
        full = min(file.stat().st_size for file in tmp_path.glob("store.db*") if file.stat().st_size)
        unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (full, resource.RLIM_INFINITY))
        pipeline.publish(articles(200, start=50))
        eventually(lambda: worker.metric("pipeline_sink_write_errors_total") > 1, what="writing fails")
        report.note("disk full (SQLite)", pipeline.lag("sink"))
        assert worker.is_alive()
        assert checker.committed_but_not_durable(pipeline) == []
        resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, unlimited)

        assert pipeline.await_closed().stored == 250


def test_a_text_that_hangs_a_stage_is_given_up_and_its_neighbours_go_through(
    scene: Scene, report: Report
) -> None:
    pipeline = scene.pipeline
    pipeline.faulty_worker(options=["--light"], article_timeout_seconds=2, batch_size=8).wait_ready()
    pipeline.publish([*articles(10), article(10, marker=Marker.HANG), *articles(10, start=11)])
    report.note("text that hangs a stage", 21)

    ledger = pipeline.await_closed()
    assert (ledger.stored, ledger.dead_lettered) == (20, 1)
    assert [letter.reason for letter in pipeline.letters()] == ["stage-timeout"]


def test_a_text_of_a_hundred_thousand_names_harms_no_neighbour(scene: Scene, report: Report) -> None:
    pipeline = scene.pipeline
    crowd = article(10)
    names = "\n\n".join("Clara Oduya met Tobias Wren. " * 50 for _ in range(1000))[: 1000 * 1000]
    crowd = crowd.model_copy(update={"text": f"{crowd.title}\n\n{names}"})
    worker = pipeline.faulty_worker(article_timeout_seconds=10, batch_size=8).wait_ready()
    pipeline.publish([*articles(10), crowd, *articles(10, start=11)])
    report.note("text of 70,000 names", 21)

    ledger = pipeline.await_closed(within=400)
    assert ledger.stored + ledger.dead_lettered == 21
    assert ledger.stored >= 20
    assert worker.is_alive()


def test_a_slow_stage_on_a_long_backlog_never_stops(
    kafka: ApacheKafka, tmp_path: Path, report: Report
) -> None:
    with LivePipeline(kafka.address, tmp_path, batch_size=16) as pipeline:
        pipeline.publish(articles(2000))
        others = pipeline.faulty_worker("duplicates", "entities", "quotes", options=["--light"]).wait_ready()
        slow = pipeline.faulty_worker("sink", options=["--slow-sink", "0.02"]).wait_ready()
        report.note("slow consumer on a backlog", 2000)
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
