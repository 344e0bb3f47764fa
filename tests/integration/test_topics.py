"""The topics' settings are owned: what differs is named, mended where nothing is lost by it, and heeded at start."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

import pytest
from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient

from pipeline.kafka.admin import EARLIEST, LATEST
from pipeline.kafka.topicclient import alter_configs
from pipeline.kafka.topics import Topic, declared, topic_name
from pipeline.record.codec import encode
from tests.integration.conftest import NewPipeline
from tests.support.apache_kafka import ApacheKafka
from tests.support.articles import articles
from tests.support.brokers import kafka_or_skip
from tests.support.pipelines import LivePipeline
from tests.support.waiting import eventually

_HOUR = 3_600_000
_MADE_BY_0_1_0 = {"message.timestamp.type": "CreateTime"}


@pytest.fixture
def pipeline(new_pipeline: NewPipeline) -> LivePipeline:
    return new_pipeline()


def _set(pipeline: LivePipeline, topic: Topic, **config: str) -> None:
    """Somebody changes settings behind the pipeline's back; `_` stands for a full stop."""
    with closing(KafkaAdminClient(bootstrap_servers=list(pipeline.settings.bootstrap_servers))) as client:
        name = topic_name(pipeline.settings, topic)
        alter_configs(client, {name: {key.replace("_", "."): value for key, value in config.items()}})


def _topics(
    pipeline: LivePipeline, *arguments: str, **variables: Any
) -> tuple[int, dict[str, dict[str, Any]]]:
    """The exit code of `pipeline topics …`, and what it says by topic, named by its last part."""
    done = pipeline.run("topics", *arguments, "--json", **variables)
    assert done.stdout, done.stderr
    return done.returncode, {found["topic"].rpartition(".")[2]: found for found in json.loads(done.stdout)}


def _whats(found: dict[str, Any]) -> list[str]:
    return [difference["what"].split(" (")[0] for difference in found["differences"]]


def test_topics_that_the_pipeline_made_are_as_declared(pipeline: LivePipeline) -> None:
    code, found = _topics(pipeline, "list")

    assert code == 0
    for spec in declared(pipeline.settings):
        assert found[spec.topic]["differences"] == []
        assert spec.config.items() <= found[spec.topic]["config"].items()


def test_ensure_brings_topics_of_the_first_release_to_the_time_of_arrival(pipeline: LivePipeline) -> None:
    for topic in Topic:
        _set(pipeline, topic, **{key.replace(".", "_"): value for key, value in _MADE_BY_0_1_0.items()})

    listed, before = _topics(pipeline, "list")
    ensured, made = _topics(pipeline, "ensure")
    again, after = _topics(pipeline, "ensure")

    assert (listed, ensured, again) == (1, 0, 0)
    for topic in Topic:
        assert _whats(before[topic]) == ["message.timestamp.type is CreateTime, not LogAppendTime"]
        assert before[topic]["problem"] is None, "a worker goes on with it"
        assert made[topic]["changed"] == {"message.timestamp.type": "LogAppendTime"}
        assert (after[topic]["changed"], after[topic]["differences"]) == ({}, [])


def test_retention_set_longer_later_is_a_risk_until_ensure_was_run(pipeline: LivePipeline) -> None:
    longer = {"PIPELINE_RETENTION_HOURS": "500"}

    listed, before = _topics(pipeline, "list", **longer)
    ensured, _ = _topics(pipeline, "ensure", **longer)
    _, after = _topics(pipeline, "list", **longer)

    assert (listed, ensured) == (1, 0)
    assert _whats(before[Topic.RAW]) == [f"retention.ms is {168 * _HOUR}, not {500 * _HOUR}"]
    assert after[Topic.RAW]["config"]["retention.ms"] == str(500 * _HOUR)
    assert before[Topic.DEAD_LETTER]["differences"] == []


def test_retention_set_shorter_later_is_named_and_changed_only_on_demand(pipeline: LivePipeline) -> None:
    shorter = {"PIPELINE_RETENTION_HOURS": "24"}

    ensured, found = _topics(pipeline, "ensure", **shorter)
    shrunk, after = _topics(pipeline, "ensure", "--shrink", **shorter)

    assert (ensured, shrunk) == (0, 0), "what is kept longer harms nobody"
    assert _whats(found[Topic.RAW]) == [f"retention.ms is {168 * _HOUR}, not {24 * _HOUR}"]
    assert "ensure --shrink" in found[Topic.RAW]["differences"][0]["remedy"]
    assert found[Topic.RAW]["changed"] == {}
    assert after[Topic.RAW]["changed"] == {"retention.ms": str(24 * _HOUR)}
    assert after[Topic.RAW]["config"]["retention.ms"] == str(24 * _HOUR)


def test_the_table_says_what_differs_and_what_was_set(pipeline: LivePipeline) -> None:
    _set(pipeline, Topic.RAW, retention_bytes="4096")

    listed = pipeline.run("topics", "list").stdout.decode()
    ensured = pipeline.run("topics", "ensure").stdout.decode()

    assert "retention.bytes is 4096, not -1 (what a backlog has beyond that is deleted unread)" in listed
    assert "set retention.bytes=-1" in ensured
    assert ensured.count("as declared") == len(Topic) - 1


def test_doctor_names_a_setting_that_differs(pipeline: LivePipeline) -> None:
    _set(pipeline, Topic.ENRICHED, retention_ms=str(_HOUR))

    done = pipeline.run("doctor", "--json")

    check = next(check for check in json.loads(done.stdout)["checks"] if check["name"] == "topics")
    assert done.returncode == 1
    assert not check["ok"]
    assert check["found"].startswith(f"{pipeline.name}.enriched retention.ms is {_HOUR}, not {168 * _HOUR}")
    assert check["fix"] == "run `pipeline topics ensure`, or set PIPELINE_RETENTION_HOURS"


@pytest.mark.parametrize(
    ("topic", "config"),
    [
        (Topic.RAW, {"cleanup_policy": "compact"}),
        (Topic.DEAD_LETTER, {"max_message_bytes": "1048588"}),
        (Topic.ENRICHED, {"min_insync_replicas": "2"}),
    ],
    ids=str,
)
def test_a_worker_refuses_what_would_lose_or_stop_its_articles(
    pipeline: LivePipeline, topic: Topic, config: dict[str, str]
) -> None:
    _set(pipeline, topic, **config)

    done = pipeline.run("worker", "--json")

    (line,) = done.stderr.decode().splitlines()
    assert done.returncode == 2
    assert topic_name(pipeline.settings, topic) in line
    assert next(iter(config)).replace("_", ".") in line
    assert "run `pipeline topics ensure" in line


def test_a_worker_says_what_puts_articles_at_risk_and_starts(pipeline: LivePipeline) -> None:
    _set(pipeline, Topic.RAW, message_timestamp_type="CreateTime", retention_ms=str(_HOUR))

    worker = pipeline.faulty_worker(options=["--light"]).wait_ready()

    (line,) = [line for line in worker.log().splitlines() if "retention.ms" in line]
    assert "WARNING" in line
    assert "message.timestamp.type is CreateTime" in line
    assert worker.stop() == 0


@pytest.fixture(scope="module")
def tidy_kafka(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ApacheKafka]:
    """A Kafka that looks for what has outlived its retention every 200 ms, not every five minutes."""
    if request.config.getoption("broker") != "kafka":
        pytest.skip("the embedded broker deletes nothing: --broker=kafka")
    kafka_or_skip(tmp_path_factory.mktemp("formatted"))
    properties = ["log.retention.check.interval.ms=200", "log.initial.task.delay.ms=0"]
    with ApacheKafka(tmp_path_factory.mktemp("tidy-kafka"), properties=properties) as kafka:
        yield kafka


def test_articles_of_a_producer_that_dates_them_far_back_outlive_its_times(
    tidy_kafka: ApacheKafka, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with (
        LivePipeline(tidy_kafka.address, tmp_path_factory.mktemp("arrival")) as arrival,
        LivePipeline(tidy_kafka.address, tmp_path_factory.mktemp("creation")) as creation,
    ):
        _set(creation, Topic.RAW, message_timestamp_type="CreateTime")
        for pipeline in (arrival, creation):
            _publish_dated_back(pipeline, timedelta(days=30))

        # The first release's topic: all is gone at the broker's next look, which looks at every topic.
        eventually(lambda: _starts(creation) == 20, what="the broker has looked for what is old")
        _publish_dated_back(creation, timedelta(days=30))
        eventually(lambda: _starts(creation) == 40, what="the broker has looked once more")

        assert (_starts(arrival), sum(arrival.admin.offsets(Topic.RAW, LATEST).values())) == (0, 20)
        arrival.faulty_worker(options=["--light"]).wait_ready()
        assert arrival.await_closed().stored == 20


def _publish_dated_back(pipeline: LivePipeline, by: timedelta) -> None:
    """What a producer sends that sets the message's time to the article's."""
    then = int((datetime.now().astimezone() - by).timestamp() * 1000)
    with closing(KafkaProducer(bootstrap_servers=list(pipeline.settings.bootstrap_servers))) as producer:
        for article in articles(20):
            producer.send(
                topic_name(pipeline.settings, Topic.RAW),
                key=article.article_id.encode(),
                value=encode(article),
                timestamp_ms=then,
            )
        producer.flush()


def _starts(pipeline: LivePipeline) -> int:
    return sum(pipeline.admin.offsets(Topic.RAW, EARLIEST).values())
