"""Workers that come, go, share and die: nothing is lost, nothing is there twice, nothing is read again."""

from __future__ import annotations

import os
import signal
import subprocess

import pytest

from pipeline.flow import FLOW, Topic
from pipeline.kafka.scan import scan
from tests.integration.conftest import NewPipeline
from tests.support.articles import article, articles
from tests.support.faults import Marker
from tests.support.pipelines import LivePipeline
from tests.support.waiting import eventually
from tests.support.workers import WorkerProcess


def _handled(worker: WorkerProcess) -> dict[str, float]:
    return {stage: worker.metric("pipeline_messages_total", stage=stage) for stage in FLOW.sources}


@pytest.mark.long
def test_stages_alone_go_on_where_all_together_left_off(new_pipeline: NewPipeline) -> None:
    pipeline = new_pipeline()
    pipeline.publish(articles(30))
    together = pipeline.faulty_worker(options=["--light"]).wait_ready()
    pipeline.await_closed()
    pipeline.await_lag_zero()
    assert together.stop() == 0

    alone = {stage: pipeline.faulty_worker(stage, options=["--light"]) for stage in FLOW.sources}
    pipeline.publish(articles(20, start=30))
    for worker in alone.values():
        worker.wait_ready()
    pipeline.await_closed()
    pipeline.await_lag_zero()

    assert {stage: _handled(alone[stage])[stage] for stage in FLOW.sources} == dict.fromkeys(
        FLOW.sources, 20.0
    )
    assert pipeline.ledger().stored == 50


def test_sigterm_finishes_and_commits_what_was_taken(new_pipeline: NewPipeline) -> None:
    pipeline = new_pipeline(batch_size=16)
    worker = pipeline.faulty_worker(options=["--light", "--slow-sink", "0.02"]).wait_ready()
    pipeline.publish(articles(300))
    eventually(lambda: worker.metric("pipeline_messages_total", stage="sink") > 0, what="the sink is at work")

    assert worker.stop() == 0
    assert "drained" in worker.log()

    # What is committed is what is stored, to the message: nothing was taken that was not finished.
    committed = sum(
        lag.committed or 0 for lag in pipeline.lags() if lag.group == pipeline.settings.group("sink")
    )
    assert 0 < committed == pipeline.ledger().stored < 300

    pipeline.faulty_worker(options=["--light"])
    assert pipeline.await_closed().stored == 300


@pytest.mark.long
def test_a_worker_that_is_told_to_stop_again_and_again_has_drained_all_the_same(
    new_pipeline: NewPipeline,
) -> None:
    pipeline = new_pipeline()
    worker = pipeline.faulty_worker(options=["--light"]).wait_ready()
    code = None
    while code is None:
        os.kill(worker.pid, signal.SIGTERM)
        try:
            code = worker.wait(0.002)  # through drained, the end of its loop and of the interpreter
        except subprocess.TimeoutExpired:
            continue

    assert code == 0
    assert worker.log().count("drained") == 1


def test_a_worker_killed_in_mid_batch_loses_and_doubles_nothing(new_pipeline: NewPipeline) -> None:
    pipeline = new_pipeline()
    first = pipeline.faulty_worker(options=["--light", "--slow-sink", "0.02"]).wait_ready()
    pipeline.publish(articles(200))
    eventually(lambda: 0 < pipeline.store.count_articles() < 200, what="the sink is in the middle")

    first.kill()
    pipeline.faulty_worker(options=["--light"]).wait_ready()

    ledger = pipeline.await_closed()
    assert (ledger.stored, ledger.dead_lettered) == (200, 0)


def test_joined_stages_store_the_same_by_a_topic_less(new_pipeline: NewPipeline) -> None:
    found: list[list[object]] = []
    for joined in (False, True):
        pipeline = new_pipeline(join_stages=joined)
        pipeline.faulty_worker().wait_ready()
        pipeline.publish([*articles(10), article(10, marker=Marker.RAISE)])
        pipeline.await_closed()
        pipeline.await_lag_zero()
        between = [*scan(pipeline.settings, Topic.WITH_ENTITIES)]
        assert (len(between) == 0) is joined
        assert [letter.stage for letter in pipeline.letters()] == ["entities"]
        kept = [pipeline.store.article(article_id) for article_id in sorted(pipeline.stored())]
        found.append([record and record.model_dump(exclude={"article": {"ingested_at"}}) for record in kept])
    assert found[0] == found[1]
    assert len(found[0]) == 10


@pytest.mark.long
def test_a_joined_worker_brings_to_its_end_what_another_has_sent_between(new_pipeline: NewPipeline) -> None:
    pipeline = new_pipeline()
    earlier = pipeline.faulty_worker("duplicates", "entities", options=["--light"]).wait_ready()
    pipeline.publish(articles(20))
    eventually(lambda: pipeline.lag("quotes") == 20, what="all are between entities and quotes")
    assert earlier.stop() == 0
    pipeline.faulty_worker(options=["--light"], join_stages=True).wait_ready()
    pipeline.publish(articles(20, start=20))
    assert pipeline.await_closed().stored == 40
    assert len([*scan(pipeline.settings, Topic.WITH_ENTITIES)]) == 20


@pytest.mark.long
def test_processes_of_the_pool_that_are_killed_harm_no_article(new_pipeline: NewPipeline) -> None:
    pipeline = new_pipeline(pool_processes=2)
    worker = pipeline.faulty_worker(options=["--light"]).wait_ready()
    for number in range(3):
        for pid in eventually(worker.pool_pids):
            os.kill(pid, signal.SIGKILL)  # with nothing to do
        marked = article(1000 + number, marker=Marker.DIE_ONCE)  # and in mid-batch
        pipeline.publish([*articles(20, start=20 * number), marked])
        assert pipeline.await_closed().stored == 21 * (number + 1)

    assert pipeline.letters() == []


@pytest.mark.long
def test_a_second_worker_takes_its_share_and_gives_it_back(new_pipeline: NewPipeline) -> None:
    pipeline = new_pipeline()
    first = pipeline.faulty_worker(options=["--light"]).wait_ready()
    second = pipeline.faulty_worker("entities", "quotes", "sink", options=["--light"]).wait_ready()
    pipeline.publish(articles(100))
    pipeline.await_closed()
    pipeline.await_lag_zero()
    assert min(_handled(first)["entities"], _handled(second)["entities"]) > 0

    assert second.stop() == 0
    pipeline.publish(articles(50, start=100))

    assert pipeline.await_closed().stored == 150
    assert first.probe("/ready") == (200, "ok\n")


@pytest.mark.long
def test_a_slow_store_shows_as_lag_and_not_as_memory(new_pipeline: NewPipeline) -> None:
    pipeline = new_pipeline(batch_size=16)
    worker = pipeline.faulty_worker("sink", options=["--slow-sink", "0.02"])
    others = pipeline.faulty_worker("duplicates", "entities", "quotes", options=["--light"])
    pipeline.publish(articles(200))
    for started in (worker, others):
        started.wait_ready()
    _await_upstream(pipeline, 200)
    before = worker.memory()

    pipeline.publish(articles(1200, start=200))
    _await_upstream(pipeline, 1400)

    assert pipeline.lag("sink") > 0
    eventually(lambda: worker.metric("pipeline_consumer_lag_messages") > 0, what="the lag is a metric")
    # The 1,200 articles and their records are some 5 MB: a worker that took them all in would show it.
    assert worker.memory() - before < 40 * 1024 * 1024
    assert pipeline.await_closed().stored == 1400


def _await_upstream(pipeline: LivePipeline, count: int) -> None:
    """Wait until so many records are on the last topic."""
    eventually(
        lambda: (
            sum(lag.found.end for lag in pipeline.lags() if lag.group == pipeline.settings.group("sink"))
            >= count
        )
    )
