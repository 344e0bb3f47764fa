"""Offsets belong to a log, and a group to a store: topics made anew, brokers that forget, transactions, stores."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from kafka.admin import KafkaAdminClient

from pipeline.kafka.embedded import EmbeddedBroker
from pipeline.kafka.topics import Topic, topic_name
from pipeline.record import Article
from pipeline.record.codec import encode
from pipeline.stores.sql.database import connect
from pipeline.stores.sql.queries.articles import article as stored_article
from tests.integration.conftest import NewPipeline
from tests.support.articles import articles
from tests.support.pipelines import LivePipeline
from tests.support.stored import stored_ids
from tests.support.waiting import eventually

pytestmark = pytest.mark.long


def _await_stored(pipeline: LivePipeline, sent: Iterable[str], what: str) -> None:
    wanted = set(sent)
    eventually(lambda: pipeline.stored() >= wanted, within=120, what=what)


def test_a_raw_topic_made_anew_under_a_worker_is_read_from_its_start(new_pipeline: NewPipeline) -> None:
    pipeline = new_pipeline()
    worker = pipeline.faulty_worker(options=["--light"]).wait_ready()
    _await_stored(pipeline, pipeline.publish(articles(20)), "the first articles are stored")
    pipeline.await_lag_zero()
    raw = topic_name(pipeline.settings, Topic.RAW)
    admin = KafkaAdminClient(bootstrap_servers=pipeline.settings.bootstrap_servers)
    admin.delete_topics([raw])
    admin.close()
    eventually(lambda: raw not in pipeline.admin.partition_counts(), what="the topic is gone")
    pipeline.admin.ensure_topics()

    sent = pipeline.publish(articles(10, start=20))
    _await_stored(pipeline, sent, "what was accepted since is stored")
    pipeline.await_lag_zero()
    assert worker.metric("pipeline_log_faults_total", stage="duplicates", fault="made-anew") >= 1
    assert f"{raw}/0 is another log than the one that duplicates has read" in worker.log()


def test_a_broker_that_forgot_everything_loses_nothing_of_what_it_takes_since(tmp_path: Path) -> None:
    with (
        EmbeddedBroker(tmp_path / "broker.log") as broker,
        LivePipeline(broker.address, tmp_path) as pipeline,
    ):
        pipeline.faulty_worker(options=["--light"]).wait_ready()
        _await_stored(pipeline, pipeline.publish(articles(20)), "the first articles are stored")
        pipeline.await_lag_zero()
        pipeline.admin.close()  # it would go on knocking at the port, and leave its sockets behind
        broker.stop()
        broker.start()
        pipeline.reconnect()
        pipeline.admin.ensure_topics()

        sent = pipeline.publish(articles(10, start=20))
        _await_stored(pipeline, sent, "what was accepted since is stored")


def test_aborted_messages_are_not_read_and_markers_are_no_lag(
    new_pipeline: NewPipeline, request: pytest.FixtureRequest
) -> None:
    if request.config.getoption("broker") != "kafka":
        pytest.skip("the embedded broker serves no transactions: --broker=kafka")
    pipeline = new_pipeline()
    pipeline.faulty_worker(options=["--light"]).wait_ready()
    kept, aborted = list(articles(5)), list(articles(5, start=5))
    asyncio.run(_in_transactions(pipeline, kept, aborted))

    _await_stored(pipeline, (article.article_id for article in kept), "what was committed is stored")
    pipeline.await_lag_zero(within=30)
    assert not pipeline.stored() & {article.article_id for article in aborted}
    assert pipeline.ledger().closed


async def _in_transactions(pipeline: LivePipeline, kept: list[Article], aborted: list[Article]) -> None:
    raw = topic_name(pipeline.settings, Topic.RAW)
    producer = AIOKafkaProducer(
        bootstrap_servers=list(pipeline.settings.bootstrap_servers), transactional_id=pipeline.name
    )
    await producer.start()
    try:
        for articles_, commit in ((kept, True), (aborted, False)):
            await producer.begin_transaction()
            for article in articles_:
                await producer.send_and_wait(raw, key=article.article_id.encode(), value=encode(article))
            await (producer.commit_transaction() if commit else producer.abort_transaction())
    finally:
        await producer.stop()


def test_a_message_that_does_not_say_its_language_is_read_like_any_other(new_pipeline: NewPipeline) -> None:
    pipeline = new_pipeline()
    silent = next(iter(articles(1))).model_copy(update={"language": None})
    pipeline.worker().wait_ready()
    pipeline.publish([silent])
    pipeline.await_closed()
    record = stored_article(pipeline.engine, silent.article_id)
    assert record is not None
    assert record.article.language == "en"
    assert record.entities


def test_a_new_store_is_refused_until_it_is_adopted(
    new_pipeline: NewPipeline, request: pytest.FixtureRequest
) -> None:
    if request.config.getoption("broker") != "kafka":
        pytest.skip("the embedded broker keeps no metadata of commits: --broker=kafka")
    pipeline = new_pipeline()
    first = pipeline.faulty_worker(options=["--light"]).wait_ready()
    _await_stored(pipeline, sent := pipeline.publish(articles(10)), "the articles are stored")
    pipeline.await_lag_zero()
    url = f"sqlite:///{pipeline.folder / 'other.db'}"

    def run(*arguments: str) -> subprocess.CompletedProcess[bytes]:
        return pipeline.run(*arguments, PIPELINE_DATABASE_URL=url)

    assert run("store", "upgrade").returncode == 0

    running = run("store", "adopt", "--yes")
    assert running.returncode == 2
    assert b"while a worker runs: stop it" in running.stderr
    assert first.stop() == 0

    refused = pipeline.worker(database_url=url)
    assert refused.wait() == 2
    assert "has written to another store" in refused.log()

    dry = run("store", "adopt")
    assert (dry.returncode, b"add --yes" in dry.stdout + dry.stderr) == (0, True)
    assert run("store", "adopt", "--yes").returncode == 0
    pipeline.worker(database_url=url).wait_ready()

    engine = connect(url)
    eventually(
        lambda: set(stored_ids(engine)) >= set(sent), within=60, what="all articles are in the new store"
    )
    engine.dispose()
