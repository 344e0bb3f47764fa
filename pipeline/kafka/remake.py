"""The raw topic made anew with the partitions that are declared, and with all its messages.

Kafka can add partitions and take none away. The messages wait on a topic of their own meanwhile:

1. The raw topic is closed to producers (it takes no message of any size), so that nothing comes behind the copy.
2. Its messages are copied aside.
3. It is deleted, with what the group has committed on it, and made anew.
4. The messages are copied back, and the topic aside is deleted.

Whoever is interrupted runs it again: until 3 the raw topic still has everything, from then on the topic aside. What
was read before is read again, which changes nothing: records and verdicts stand by their article's id.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.admin import KafkaAdminClient
from kafka.errors import CorruptRecordError, UnsupportedCodecError

from pipeline.errors import PipelineError, TransientError, UsageError
from pipeline.flow import FLOW
from pipeline.kafka.admin import EARLIEST, EMBEDDED_CLUSTER, LATEST, connection, translated
from pipeline.kafka.publisher import Publisher
from pipeline.kafka.topicclient import alter_configs, create_topics, present_topics
from pipeline.kafka.topics import Topic, TopicSpec, declared
from pipeline.settings import Settings

_PATIENCE_SECONDS = 30.0
_POLL_MILLISECONDS = 500
_LOOK_SECONDS = 0.1

_GONE = {"Empty", "Dead"}


@dataclass(frozen=True, slots=True)
class Remade:
    """What the topic has now; `moved` is None when there was nothing to do."""

    topic: str
    partitions: int
    moved: int | None


def remake(settings: Settings) -> Remade:
    """Give the raw topic the declared number of partitions.

    Raises:
        UsageError: workers read it, or there is none.
        PipelineError: the broker refuses a step; the messages are where the module says.
        TransientError: the broker is away.
    """
    raw = next(spec for spec in declared(settings) if spec.topic is Topic.RAW)
    aside = replace(raw, name=f"{raw.name}.remake")
    with translated(settings), closing(_client(settings)) as client:
        present = present_topics(client, [raw.name, aside.name])
        wrong = raw.name in present and present[raw.name].partitions != raw.partitions
        if not wrong and aside.name not in present:
            if raw.name not in present:
                raise UsageError(f"topic {raw.name} does not exist: run `pipeline topics ensure`")
            return Remade(raw.name, raw.partitions, None)
        _insist_on_peace(settings, client)
        if wrong:
            if (
                aside.name in present
            ):  # of an attempt that did not get to its end: the raw topic has all of it
                _delete(client, aside.name)
            alter_configs(client, {raw.name: {"max.message.bytes": "0"}})
            create_topics(client, [aside])
            _copy(settings, client, raw, aside)
            _delete(client, raw.name)
        create_topics(client, [raw])
        moved = _copy(settings, client, aside, raw)
        _delete(client, aside.name)
        return Remade(raw.name, raw.partitions, moved)


def _client(settings: Settings) -> KafkaAdminClient:
    return KafkaAdminClient(client_id="news-pipeline-remake", **connection(settings))


def _insist_on_peace(settings: Settings, client: KafkaAdminClient) -> None:
    """Nobody may read the topic while it goes."""
    if client.describe_cluster()["cluster_id"] == EMBEDDED_CLUSTER:
        raise UsageError(
            "the embedded broker keeps nothing: stop the workers, start it anew, run `pipeline topics ensure`"
        )
    stage = next(stage for stage, topic in FLOW.sources.items() if topic is Topic.RAW)
    states = {group["group_id"]: group.get("group_state") for group in client.list_groups()}
    state = states.get(settings.group(stage), "Dead")
    if state not in _GONE:
        raise UsageError(
            f"workers of the stage {stage} are running (their group is {state}): stop them first"
        )


def _delete(client: KafkaAdminClient, name: str) -> None:
    """Delete a topic, with what groups have committed on it, and wait until its name is free."""
    client.delete_topics([name])
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while present_topics(client, [name]):
        if time.monotonic() > deadline:
            raise TransientError(f"topic {name} is not deleted yet: run this again")
        time.sleep(_LOOK_SECONDS)  # nothing announces it


def _copy(settings: Settings, client: KafkaAdminClient, source: TopicSpec, target: TopicSpec) -> int:
    """Send all messages of a topic to another; gives how many the broker has acknowledged.

    Raises:
        PipelineError: one was not taken; the source is as it was.
    """
    with Publisher(settings) as publisher:
        for message in _messages(settings, client, source.name):
            publisher.send(target.name, *_sendable(message))
        publisher.flush()
    if publisher.lost:
        raise PipelineError(
            f"{len(publisher.lost)} messages of {source.name} can't be copied to {target.name} "
            f"({publisher.lost[0].error}): nothing is lost, run this again when that is mended"
        )
    return publisher.accepted


def _sendable(message: Any) -> tuple[bytes | None, bytes | None, list[tuple[str, bytes]]]:
    """Key, value and headers as they are; nothing is an empty value where the client sends no nothing."""
    nothing = message.key is None and message.value is None
    headers = [(name, value or b"") for name, value in message.headers]
    return message.key, b"" if nothing else message.value, headers


def _messages(settings: Settings, client: KafkaAdminClient, name: str) -> Iterator[Any]:
    """All messages of a topic, partition by partition, until nothing more has come in."""
    size = settings.max_message_bytes * 2
    with closing(
        KafkaConsumer(
            client_id="news-pipeline-remake",
            group_id=None,
            enable_auto_commit=False,
            isolation_level="read_committed",
            max_partition_fetch_bytes=size,
            **connection(settings),
        )
    ) as consumer:
        partitions = [TopicPartition(name, number) for number in consumer.partitions_for_topic(name) or ()]
        reached = _offsets(client, partitions, EARLIEST)
        while behind := {
            partition: end
            for partition, end in _offsets(client, partitions, LATEST).items()
            if reached[partition] < end
        }:
            for partition, end in sorted(behind.items()):
                yield from _until(consumer, partition, reached[partition], end)
                reached[partition] = consumer.position(partition)


def _offsets(
    client: KafkaAdminClient, partitions: Iterable[TopicPartition], at: int
) -> dict[TopicPartition, int]:
    answers = client.list_partition_offsets(dict.fromkeys(partitions, at))
    return {partition: int(answer.offset) for partition, answer in answers.items()}


def _until(consumer: KafkaConsumer, partition: TopicPartition, start: int, end: int) -> Iterator[Any]:
    """The messages from one offset to another, which a transaction under way can keep us from."""
    consumer.assign([partition])
    consumer.seek(partition, start)
    moved = time.monotonic()
    while consumer.position(partition) < end:
        try:
            found = consumer.poll(timeout_ms=_POLL_MILLISECONDS).get(partition, [])
        except (CorruptRecordError, UnsupportedCodecError, UnicodeDecodeError) as error:
            raise PipelineError(
                f"{partition.topic}/{partition.partition}: a message behind offset {consumer.position(partition)} "
                f"can't be read ({error}): nothing is lost, and nothing was made anew"
            ) from None
        yield from found
        if found:
            moved = time.monotonic()
        elif time.monotonic() - moved > _PATIENCE_SECONDS:
            raise TransientError(
                f"{partition.topic}/{partition.partition}: nothing behind offset {consumer.position(partition)} can "
                "be read; nothing is lost, run this again"
            )
