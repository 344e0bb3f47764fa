from __future__ import annotations

from typing import Any, cast

import pytest
from kafka.admin import KafkaAdminClient
from kafka.errors import IncompatibleBrokerVersion, InvalidReplicationFactorError, TopicAlreadyExistsError

from pipeline.errors import PipelineError
from pipeline.kafka.topicclient import alter_configs, create_topics, present_topics
from pipeline.kafka.topics import declared
from pipeline.settings import Settings

_TOPIC = {
    "name": "news.raw",
    "error_code": 0,
    "partitions": [{"replica_nodes": [1, 2, 3]}, {"replica_nodes": [1, 2]}],
}


class _Client:
    """A client with one topic, whose answers about settings are given."""

    def __init__(self, configs: object = None, *, altered: str = "OK", created: object = None) -> None:
        self.configs, self.altered, self.created = configs, altered, created
        self.asked: list[str] = []

    def describe_topics(self) -> list[dict[str, Any]]:
        return [_TOPIC]

    def describe_configs(self, *_: object, **__: object) -> object:
        if isinstance(self.configs, Exception):
            raise self.configs
        return {"topic": {"news.raw": self.configs}}

    def alter_configs(self, resources: list[Any], **_: object) -> dict[str, dict[str, str]]:
        self.asked = [resource.name for resource in resources]
        return {"topic": dict.fromkeys(self.asked, self.altered)}

    def create_topics(self, *_: object, **__: object) -> None:
        if isinstance(self.created, Exception):
            raise self.created


def client(*arguments: Any, **options: Any) -> KafkaAdminClient:
    return cast("KafkaAdminClient", _Client(*arguments, **options))


def test_the_compared_settings_are_read_and_the_copies_are_those_of_the_worst_partition() -> None:
    told = {name: {"value": value} for name, value in [("retention.ms", "1"), ("segment.ms", "2")]}
    found = present_topics(client({**told, "retention.bytes": {"value": None}}), ["news.raw", "news.other"])

    assert list(found) == ["news.raw"]
    assert (found["news.raw"].partitions, found["news.raw"].replicas) == (2, 2)
    assert found["news.raw"].config == {"retention.ms": "1"}


@pytest.mark.parametrize("answer", [{}, IncompatibleBrokerVersion("too old")], ids=["no right", "too old"])
def test_settings_that_the_broker_does_not_tell_are_unknown(answer: object) -> None:
    assert present_topics(client(answer), ["news.raw"])["news.raw"].config is None


def test_nothing_is_asked_where_nothing_changes() -> None:
    asked = _Client()
    alter_configs(
        cast("KafkaAdminClient", asked), {"news.raw": {}, "news.enriched": {"cleanup.policy": "delete"}}
    )
    assert asked.asked == ["news.enriched"]


def test_a_change_that_the_broker_refuses_is_one_line() -> None:
    with pytest.raises(PipelineError, match=r"^news.raw: can't set retention.ms: \[Error 29\]"):
        alter_configs(
            client(altered="[Error 29] TopicAuthorizationFailed"), {"news.raw": {"retention.ms": "1"}}
        )


def test_topics_that_the_broker_refuses_to_make_are_no_broker_that_is_away() -> None:
    specs = declared(Settings(_env_file=None))
    with pytest.raises(PipelineError, match=r"refuses to make news\.raw, .*InvalidReplicationFactor"):
        create_topics(client(created=InvalidReplicationFactorError("one broker")), specs)
    create_topics(client(created=TopicAlreadyExistsError()), specs)
