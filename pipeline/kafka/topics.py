"""How the topics of the flow are declared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.flow import FLOW, Topic
from pipeline.settings import Settings

__all__ = ["FOR_EVER", "Topic", "TopicSpec", "declared", "majority", "topic_name"]

FOR_EVER = "-1"
"""What retention by time or by size is set to when nothing is to be deleted by it."""


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """A topic as declared: what `pipeline topics ensure` makes, and brings one that is there to."""

    topic: Topic
    name: str
    partitions: int
    replication_factor: int
    config: dict[str, str]


def topic_name(settings: Settings, topic: Topic) -> str:
    """The full name of a topic."""
    return f"{settings.topic_prefix}.{topic}"


def declared(settings: Settings) -> tuple[TopicSpec, ...]:
    """All topics, in the order of the flow."""
    return tuple(_specs(settings))


def majority(replicas: int) -> int:
    """How many of a partition's copies have to have a message before it counts as accepted."""
    return replicas // 2 + 1


def _specs(settings: Settings) -> Iterable[TopicSpec]:
    for topic in FLOW.topics:
        # One raw partition: a total order makes deduplication deterministic. Dead letters share it with the
        # raw topic for another reason: there are few of them, and `redrive` reads them in order.
        single = topic in {Topic.RAW, Topic.DEAD_LETTER}
        yield TopicSpec(
            topic,
            topic_name(settings, topic),
            1 if single else settings.partitions,
            settings.replication_factor,
            dict(_config(settings, topic)),
        )


def _config(settings: Settings, topic: Topic) -> Iterable[tuple[str, str]]:
    dead_letters, told = topic is Topic.DEAD_LETTER, topic is Topic.CLUSTERS
    # Who reads what became of clusters or letters wants the last word on each, from the beginning; and what a letter
    # held is to go once it is forgotten.
    yield "cleanup.policy", "compact" if told or dead_letters else "delete"
    yield "retention.ms", FOR_EVER if dead_letters or told else str(settings.retention_hours * 3_600_000)
    # A size says nothing about whether what is deleted was read.
    yield "retention.bytes", FOR_EVER
    # A dead letter wraps the message it is about, so its topic takes larger ones.
    yield "max.message.bytes", str(settings.max_message_bytes * (2 if dead_letters else 1))
    # Retention goes by a message's time. By the producer's it deletes at once what is dated far back.
    yield "message.timestamp.type", "LogAppendTime"
    # What a producer has compressed stays as it is: another codec costs the broker's time and gains nothing.
    yield "compression.type", "producer"
    if settings.replication_factor > 1:
        yield "min.insync.replicas", str(majority(settings.replication_factor))
