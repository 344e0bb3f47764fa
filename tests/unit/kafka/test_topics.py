from __future__ import annotations

from pipeline.flow import FLOW
from pipeline.kafka.topics import Topic, declared
from pipeline.settings import Settings


def test_the_raw_topic_has_one_partition_whatever_the_others_have() -> None:
    partitions = {spec.topic: spec.partitions for spec in declared(Settings(partitions=5))}
    assert partitions[Topic.RAW] == 1
    assert partitions[Topic.DEDUPLICATED] == partitions[Topic.ENRICHED] == 5


def test_dead_letters_are_kept_for_ever_and_may_be_larger_than_what_they_wrap() -> None:
    specs = {spec.topic: spec for spec in declared(Settings())}
    assert specs[Topic.DEAD_LETTER].config["retention.ms"] == "-1"
    limit = "max.message.bytes"
    assert int(specs[Topic.DEAD_LETTER].config[limit]) > int(specs[Topic.ENRICHED].config[limit])


def test_replicated_topics_ask_for_a_majority() -> None:
    specs = declared(Settings(replication_factor=3))
    assert {spec.config["min.insync.replicas"] for spec in specs} == {"2"}


def test_retention_goes_by_the_time_of_arrival_on_every_topic() -> None:
    assert {spec.config["message.timestamp.type"] for spec in declared(Settings())} == {"LogAppendTime"}
    assert {spec.config["retention.bytes"] for spec in declared(Settings())} == {"-1"}


def test_the_codec_is_the_producers() -> None:
    assert {spec.config["compression.type"] for spec in declared(Settings())} == {"producer"}


def test_the_stages_read_the_topics_in_the_order_of_the_flow() -> None:
    assert list(FLOW.sources.values()) == [Topic.RAW, Topic.DEDUPLICATED, Topic.WITH_ENTITIES, Topic.ENRICHED]
