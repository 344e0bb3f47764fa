"""The broker as an administrator sees it: how to connect, which topics there are, how far groups lag."""

from __future__ import annotations

import contextlib
import ssl
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from kafka import KafkaConsumer, TopicPartition
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaConfigurationError, KafkaError, TopicAlreadyExistsError

from pipeline.errors import PipelineError, SettingsError, TransientError, UsageError
from pipeline.reading import read_without_raising
from pipeline.recordbatches import limits
from pipeline.settings import SecurityProtocol, Settings
from pipeline.topics import Topic, TopicSpec, declared, topic_name

EARLIEST, LATEST = -2, -1

EMBEDDED_CLUSTER = "news-pipeline-embedded"
"""The cluster id by which the embedded broker is known."""

_FETCH_MILLISECONDS = 10
_FETCH_SECONDS = 30.0


def ssl_context(settings: Settings) -> ssl.SSLContext | None:
    """The TLS side of the settings, None when TLS is off. Verifies certificates and host names."""
    if settings.security_protocol not in {SecurityProtocol.SSL, SecurityProtocol.SASL_SSL}:
        return None
    try:
        context = ssl.create_default_context(cafile=settings.ssl_ca_file)
        if settings.ssl_cert_file:
            password = settings.ssl_key_password
            context.load_cert_chain(
                settings.ssl_cert_file,
                settings.ssl_key_file,
                password.get_secret_value() if password else None,
            )
    except (ssl.SSLError, OSError) as error:
        raise SettingsError(f"PIPELINE_SSL_*: can't load the certificates: {error}") from None
    return context


def connection(settings: Settings) -> dict[str, Any]:
    """What every client (kafka-python's and aiokafka's) needs to reach the brokers."""
    found: dict[str, Any] = {
        "bootstrap_servers": list(settings.bootstrap_servers),
        "security_protocol": settings.security_protocol.value,
    }
    if context := ssl_context(settings):
        found["ssl_context"] = context
    if settings.sasl_mechanism and settings.sasl_password:
        found["sasl_mechanism"] = settings.sasl_mechanism.value
        found["sasl_plain_username"] = settings.sasl_username
        found["sasl_plain_password"] = settings.sasl_password.get_secret_value()
    return found


@contextlib.contextmanager
def translated(settings: Settings) -> Iterator[None]:
    """Turn what kafka-python raises into the pipeline's errors."""
    servers = ",".join(settings.bootstrap_servers)
    try:
        yield
    except (KafkaConfigurationError, AssertionError) as error:
        raise SettingsError(f"Kafka client: {error}") from None
    except PipelineError:
        raise
    except (KafkaError, OSError, TimeoutError) as error:
        raise TransientError(
            f"no answer from Kafka at {servers} ({error}): is it up, is PIPELINE_BOOTSTRAP_SERVERS right?"
        ) from error


@dataclass(frozen=True, slots=True)
class PartitionLag:
    """How far a group is behind on one partition. `committed` is None before its first commit."""

    group: str
    topic: str
    partition: int
    committed: int | None
    start: int
    end: int

    @property
    def lag(self) -> int:
        """Messages that are not done: end offset minus committed offset."""
        return max(0, self.end - max(self.committed or 0, self.start))


@dataclass(frozen=True, slots=True)
class TopicState:
    """A declared topic beside what the broker has: `problem` says how to mend a difference."""

    spec: TopicSpec
    partitions: int | None
    problem: str | None


class Admin:
    """An administrator's connection. Use as a context manager.

    Raises TransientError when the broker can't be reached.
    """

    def __init__(self, settings: Settings, *, timeout: float = 10.0) -> None:
        self.settings = settings
        self._embedded: bool | None = None
        milliseconds = int(timeout * 1000)
        with translated(settings):
            self._client = KafkaAdminClient(
                client_id="news-pipeline-admin",
                request_timeout_ms=milliseconds,
                bootstrap_timeout_ms=milliseconds,
                **connection(settings),
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connection."""
        self._client.close()

    def partition_counts(self) -> dict[str, int]:
        """The number of partitions of every topic there is."""
        with translated(self.settings):
            topics = self._client.describe_topics()
        return {topic["name"]: len(topic["partitions"]) for topic in topics if topic["error_code"] == 0}

    def topic_states(self) -> list[TopicState]:
        """Each declared topic beside the broker's."""
        present = self.partition_counts()
        return [
            TopicState(spec, present.get(spec.name), _problem(spec, present))
            for spec in declared(self.settings)
        ]

    def ensure_topics(self) -> list[TopicState]:
        """Make the declared topics that are missing, and compare.

        Safe to repeat, and for two at once. The states returned are those found before, so that what was
        made can be told.
        """
        before = self.topic_states()
        missing = {
            state.spec.name: {
                "num_partitions": state.spec.partitions,
                "replication_factor": state.spec.replication_factor,
                "configs": state.spec.config,
            }
            for state in before
            if state.partitions is None
        }
        if missing:
            with translated(self.settings), contextlib.suppress(TopicAlreadyExistsError):
                self._client.create_topics(missing, wait_for_metadata=True)
        return before

    def offsets(self, topic: Topic, at: int) -> dict[int, int]:
        """The EARLIEST or LATEST offset of each partition. Raises UsageError when the topic is missing."""
        name = topic_name(self.settings, topic)
        count = self.partition_counts().get(name)
        if count is None:
            raise UsageError(f"topic {name} does not exist: run `pipeline topics ensure`")
        wanted = {TopicPartition(name, partition): at for partition in range(count)}
        return {partition.partition: offset for partition, offset in self._listed(wanted).items()}

    def lag(self, stages: Mapping[str, Topic]) -> list[PartitionLag]:
        """The lag of each stage's group on its topic, by committed offsets."""
        present = self.partition_counts()
        stages = {
            stage: topic for stage, topic in stages.items() if topic_name(self.settings, topic) in present
        }
        partitions = [
            TopicPartition(topic_name(self.settings, topic), partition)
            for topic in dict.fromkeys(stages.values())
            for partition in range(present[topic_name(self.settings, topic)])
        ]
        if not partitions:
            return []
        groups = [self.settings.group(stage) for stage in stages]
        with translated(self.settings):
            committed = {group: self._client.list_group_offsets(group)[group] for group in groups}
        start = self._listed(dict.fromkeys(partitions, EARLIEST))
        end = self._listed(dict.fromkeys(partitions, LATEST))
        return list(self._lags(stages, start, end, committed))

    def _lags(
        self,
        stages: Mapping[str, Topic],
        start: Mapping[TopicPartition, int],
        end: Mapping[TopicPartition, int],
        committed: Mapping[str, Mapping[TopicPartition, Any]],
    ) -> Iterable[PartitionLag]:
        for stage, topic in stages.items():
            group, name = self.settings.group(stage), topic_name(self.settings, topic)
            for partition in sorted(p for p in end if p.topic == name):
                answer = committed[group].get(partition)
                offset = answer.offset if answer is not None and answer.offset >= 0 else None
                yield PartitionLag(group, name, partition.partition, offset, start[partition], end[partition])

    def _listed(self, wanted: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
        """The EARLIEST or LATEST offset of each partition, as `wanted` says."""
        with translated(self.settings):
            answers = self._client.list_partition_offsets(wanted)
            listed = {partition: int(answer.offset) for partition, answer in answers.items()}
            latest = {partition: listed[partition] for partition, at in wanted.items() if at == LATEST}
            if latest and self._is_embedded():
                listed |= _fetched_ends(self.settings, latest)
        return listed

    def _is_embedded(self) -> bool:
        if self._embedded is None:
            self._embedded = self._client.describe_cluster()["cluster_id"] == EMBEDDED_CLUSTER
        return self._embedded


def _fetched_ends(settings: Settings, listed: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
    """The end offsets by a fetch.

    Asked for the latest offset, the embedded broker tells the one behind the *first* message of the last batch:
    a batch of many seems to be one message. What it fetches comes with the right end.
    """
    consumer = KafkaConsumer(
        client_id="news-pipeline-ends",
        group_id=None,
        enable_auto_commit=False,
        fetch_max_wait_ms=_FETCH_MILLISECONDS,
        **connection(settings),
    )
    read_without_raising(consumer, limits(settings))
    try:
        consumer.assign(list(listed))
        for partition, offset in listed.items():
            consumer.seek(partition, offset)
        deadline = time.monotonic() + _FETCH_SECONDS
        while any(consumer.highwater(partition) is None for partition in listed):
            consumer.poll(timeout_ms=_FETCH_MILLISECONDS)
            if time.monotonic() > deadline:
                raise TransientError("the embedded broker does not tell where its topics end")
        return {partition: int(consumer.highwater(partition)) for partition in listed}
    finally:
        consumer.close()


def _problem(spec: TopicSpec, present: Mapping[str, int]) -> str | None:
    count = present.get(spec.name)
    if count is None:
        return "missing: run `pipeline topics ensure`"
    if spec.topic is Topic.RAW and count != 1:
        return f"has {count} partitions, but deduplication needs a total order: make it anew with 1"
    if count < spec.partitions:
        return f"has {count} partitions, not {spec.partitions}: add some, or set PIPELINE_PARTITIONS={count}"
    return None
