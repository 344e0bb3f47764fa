"""Where it flows: the five topics, and how they are made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from pipeline.settings import Settings


class Topic(StrEnum):
    """The topics by the last part of their names."""

    RAW = "raw"
    DEDUPLICATED = "deduplicated"
    WITH_ENTITIES = "with-entities"
    ENRICHED = "enriched"
    DEAD_LETTER = "dead-letter"


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """A topic as declared: what `pipeline topics ensure` makes."""

    topic: Topic
    name: str
    partitions: int
    replication_factor: int
    config: dict[str, str]


def topic_name(settings: Settings, topic: Topic) -> str:
    """The full name of a topic."""
    return f"{settings.topic_prefix}.{topic}"


def declared(settings: Settings) -> tuple[TopicSpec, ...]:
    """All five topics, in the order of the flow."""
    return tuple(_specs(settings))


def _specs(settings: Settings) -> Iterable[TopicSpec]:
    for topic in Topic:
        # One raw partition: a total order makes deduplication deterministic. Dead letters share it with the
        # raw topic for another reason: there are few of them, and `redrive` reads them in order.
        single = topic in {Topic.RAW, Topic.DEAD_LETTER}
        retention_ms = -1 if topic is Topic.DEAD_LETTER else settings.retention_hours * 3_600_000
        config = {"cleanup.policy": "delete", "retention.ms": str(retention_ms)}
        # A dead letter wraps the message it is about, so its topic takes larger ones.
        limit = settings.max_message_bytes * (2 if topic is Topic.DEAD_LETTER else 1)
        config["max.message.bytes"] = str(limit)
        if settings.replication_factor > 1:
            config["min.insync.replicas"] = str(settings.replication_factor // 2 + 1)
        yield TopicSpec(
            topic,
            topic_name(settings, topic),
            1 if single else settings.partitions,
            settings.replication_factor,
            config,
        )


STAGES: dict[str, Topic] = {
    "duplicates": Topic.RAW,
    "entities": Topic.DEDUPLICATED,
    "quotes": Topic.WITH_ENTITIES,
    "sink": Topic.ENRICHED,
}
"""The stages in the order of the flow, and the topic that each reads."""

WRITING_STAGES = ("duplicates", "sink")
"""The stages that write to the store, and so belong to one."""
