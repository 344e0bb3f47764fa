"""The broker as an administrator sees it: how to connect, which topics there are, how far groups lag."""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import tenacity
from kafka import KafkaConsumer, TopicPartition
from kafka.admin import KafkaAdminClient
from kafka.errors import (
    CoordinatorLoadInProgressError,
    CoordinatorNotAvailableError,
    KafkaConfigurationError,
    KafkaError,
    NoError,
)
from kafka.protocol.consumer.offsets import IsolationLevel
from kafka.structs import OffsetAndMetadata

from pipeline.errors import PipelineError, SettingsError, TransientError, UsageError
from pipeline.kafka.lenient import read_without_raising
from pipeline.kafka.offsets import CommitLabel, GroupOffset
from pipeline.kafka.recordbatches import limits
from pipeline.kafka.topicclient import alter_configs, create_topics, present_topics
from pipeline.kafka.topicconfig import TopicState
from pipeline.kafka.topics import Topic, declared, topic_name
from pipeline.settings import SecurityProtocol, Settings

EARLIEST, LATEST = -2, -1

EMBEDDED_CLUSTER = "news-pipeline-embedded"
"""The cluster id by which the embedded broker is known."""

_FETCH_MILLISECONDS = 10
_FETCH_SECONDS = 30.0

_COORDINATOR_STARTING = (CoordinatorLoadInProgressError, CoordinatorNotAvailableError)
_COORDINATOR_SECONDS = 15.0
_LISTENER_SECONDS = 2.0
_LISTENER_LOOK_SECONDS = 0.2


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


@tenacity.retry(
    retry=tenacity.retry_if_exception_type(TransientError),
    wait=tenacity.wait_fixed(_LISTENER_LOOK_SECONDS),
    stop=tenacity.stop_after_delay(_LISTENER_SECONDS),
    reraise=True,
)
def require_listener(settings: Settings) -> None:
    """See that a broker listens: the client itself knocks for ten seconds before it says that none does.

    Raises:
        TransientError: nobody listens at any of the addresses.
    """
    refused: list[str] = []
    for address in settings.bootstrap_servers:
        host, _, port = address.rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), _LISTENER_SECONDS).close()
        except OSError as error:
            refused.append(f"{address}: {error.strerror or error}")
        else:
            return
    raise TransientError(
        f"no answer from Kafka at {', '.join(refused)}: is it up, is PIPELINE_BOOTSTRAP_SERVERS right?"
    )


@dataclass(frozen=True, slots=True)
class PartitionLag:
    """How far a group is behind on one partition."""

    group: str
    topic: str
    partition: int
    found: GroupOffset

    @property
    def committed(self) -> int | None:
        """The next offset to read, None before the group's first commit."""
        return self.found.committed

    @property
    def lag(self) -> int:
        """Messages that are not done. See GroupOffset."""
        return self.found.lag

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "group": self.group,
            "topic": self.topic,
            "partition": self.partition,
            "committed": self.found.committed,
            "start": self.found.start,
            "end": self.found.end,
            "lag": self.found.lag,
            "fault": self.found.fault,
            "lost": self.found.lost,
        }


class Admin:
    """An administrator's connection. Use as a context manager.

    Raises TransientError when the broker can't be reached.
    """

    def __init__(self, settings: Settings, *, timeout: float = 10.0) -> None:
        self.settings = settings
        self._embedded: bool | None = None
        milliseconds = int(timeout * 1000)
        with translated(settings):
            options = connection(settings)
            require_listener(settings)
            self._client = KafkaAdminClient(
                client_id="news-pipeline-admin",
                request_timeout_ms=milliseconds,
                bootstrap_timeout_ms=milliseconds,
                **options,
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
        return {name: len(topic["partitions"]) for name, topic in self._described().items()}

    def _described(self) -> dict[str, dict[str, Any]]:
        with translated(self.settings):
            topics = self._client.describe_topics()
        return {topic["name"]: topic for topic in topics if topic["error_code"] == 0}

    def topic_states(self) -> list[TopicState]:
        """Each declared topic beside the broker's."""
        specs = declared(self.settings)
        with translated(self.settings):
            present = present_topics(self._client, [spec.name for spec in specs])
        return [TopicState.of(spec, present.get(spec.name)) for spec in specs]

    def ensure_topics(self, *, shrink: bool = False) -> list[TopicState]:
        """Make the declared topics that are missing, and bring the settings of the others to what is declared.

        Safe to repeat, and for two at once. The states returned are those found before, so that what was
        made and changed can be told.

        Args:
            shrink: also where messages that are there, or that are sent as until now, would go.

        Raises:
            PipelineError: the broker refuses.
        """
        before = self.topic_states()
        with translated(self.settings):
            create_topics(self._client, [state.spec for state in before if state.present is None])
            alter_configs(self._client, {state.spec.name: state.changes(shrink=shrink) for state in before})
        return before

    def offsets(self, topic: Topic, at: int) -> dict[int, int]:
        """The EARLIEST or LATEST offset of each partition. Raises UsageError when the topic is missing."""
        name = topic_name(self.settings, topic)
        count = self.partition_counts().get(name)
        if count is None:
            raise UsageError(f"topic {name} does not exist: run `pipeline topics ensure`")
        wanted = {TopicPartition(name, partition): at for partition in range(count)}
        return {partition.partition: offset for partition, offset in self._listed(wanted).items()}

    def log(self, topic: Topic) -> str:
        """The identity of a topic: another one when it is made anew. "" when the broker gives none."""
        return _identity(self._described().get(topic_name(self.settings, topic), {}))

    def lag(self, stages: Mapping[str, Topic]) -> list[PartitionLag]:
        """The lag of each stage's group on its topic, by committed offsets."""
        described = self._described()
        present = {name: len(topic["partitions"]) for name, topic in described.items()}
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
            committed = {group: self._committed(group) for group in groups}
        start = self._listed(dict.fromkeys(partitions, EARLIEST))
        end = self._listed(dict.fromkeys(partitions, LATEST))
        logs = {name: _identity(topic) for name, topic in described.items()}
        return list(self._lags(stages, start, end, committed, logs))

    def move_to_the_start(self, stage: str, topic: Topic, store: str) -> int:
        """Have a stage's group, which nobody may be working in, begin anew for a store; gives its partitions.

        Raises:
            UsageError: a worker of the group is running, or the topic does not exist.
        """
        lags = self.lag({stage: topic})
        if not lags:
            raise UsageError(
                f"topic {topic_name(self.settings, topic)} does not exist: run `pipeline topics ensure`"
            )
        offsets = {
            TopicPartition(lag.topic, lag.partition): OffsetAndMetadata(
                lag.found.start, CommitLabel(lag.found.log, store).encode(), -1
            )
            for lag in lags
        }
        group = self.settings.group(stage)
        with translated(self.settings):
            answers = self._client.alter_group_offsets(group, offsets)
        if refused := next((answer for answer in answers.values() if answer is not NoError), None):
            raise UsageError(
                f"{group}: its offsets can't be moved while a worker runs: stop it ({refused.__name__})"
            )
        return len(lags)

    @tenacity.retry(
        retry=tenacity.retry_if_exception_type(_COORDINATOR_STARTING),
        wait=tenacity.wait_exponential_jitter(multiplier=0.1, max=1),
        stop=tenacity.stop_after_delay(_COORDINATOR_SECONDS),
        reraise=True,
    )
    def _committed(self, group: str) -> Mapping[TopicPartition, Any]:
        """A group's committed offsets. A broker that has just started makes the topic they live in first."""
        found: Mapping[TopicPartition, Any] = self._client.list_group_offsets(group)[group]
        return found

    def _lags(
        self,
        stages: Mapping[str, Topic],
        start: Mapping[TopicPartition, int],
        end: Mapping[TopicPartition, int],
        committed: Mapping[str, Mapping[TopicPartition, Any]],
        logs: Mapping[str, str],
    ) -> Iterable[PartitionLag]:
        for stage, topic in stages.items():
            group, name = self.settings.group(stage), topic_name(self.settings, topic)
            for partition in sorted(p for p in end if p.topic == name):
                answer = committed[group].get(partition)
                found = GroupOffset(None, start[partition], end[partition], logs[name])
                if answer is not None and answer.offset >= 0:
                    label = CommitLabel.decode(answer.metadata)
                    found = replace(found, committed=answer.offset, label=label)
                yield PartitionLag(group, name, partition.partition, found)

    def _listed(self, wanted: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
        """The EARLIEST or LATEST offset of each partition, as `wanted` says."""
        with translated(self.settings):
            # A transaction that is still open ends the log for everybody who reads only what was committed: us.
            answers = self._client.list_partition_offsets(
                wanted, isolation_level=IsolationLevel.READ_COMMITTED
            )
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


def _identity(topic: Mapping[str, Any]) -> str:
    """The identity of a topic: another one when it is made anew. "" when the broker gives none."""
    identity = topic.get("topic_id")
    return str(identity) if identity and getattr(identity, "int", 1) else ""
