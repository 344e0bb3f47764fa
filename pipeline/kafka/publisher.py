"""Articles onto news.raw, each acknowledged by the broker before it counts as accepted."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, Self

from kafka import KafkaProducer
from kafka.errors import (
    InvalidProducerEpochError,
    KafkaError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    OutOfOrderSequenceNumberError,
    ProducerFencedError,
    UnknownProducerIdError,
)

from pipeline.errors import SourceError, TransientError
from pipeline.kafka.admin import connection, translated
from pipeline.kafka.topics import Topic, topic_name
from pipeline.record import Article, TraceContext, schema_header
from pipeline.record.codec import encode
from pipeline.settings import MIB, Settings

_ARTICLE = schema_header("article")
_BATCH_BYTES = 256 * 1024
_LINGER_MILLISECONDS = 5
_IN_FLIGHT_BYTES = 32 * MIB
_DELIVERY_SECONDS = 300.0
_BOOTSTRAP_SECONDS = 10.0
_LOOK_SECONDS = 0.5
_SILENCE_SECONDS = 10.0
_FRUITLESS = 3  # connections one after the other of which none got a message through
_CLOSE_SECONDS = 5.0

_FORGOTTEN = (
    InvalidProducerEpochError,
    OutOfOrderSequenceNumberError,
    ProducerFencedError,
    UnknownProducerIdError,
)
"""What a broker says to a producer that it does not know any more, as after a restart: the client never recovers."""


class Faults(Protocol):
    """Who is told that the broker takes nothing, again and again, and when it does once more."""

    def again(self, detail: object) -> None:
        """It takes nothing."""

    def over(self) -> None:
        """It takes something, perhaps again."""


class _Unsaid:
    def again(self, detail: object) -> None:
        """Say nothing."""

    def over(self) -> None:
        """Say nothing."""


@dataclass(frozen=True, slots=True)
class Lost:
    """A message that the broker did not take, and why."""

    key: bytes
    error: str


@dataclass(frozen=True, slots=True)
class _Message:
    topic: str
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes]] | None
    since: float = field(default_factory=time.monotonic)

    @property
    def size(self) -> int:
        return len(self.key or b"") + len(self.value or b"")


class Publisher:
    """Sends keyed bytes to topics: idempotent, acks=all. A context manager; leaving it flushes.

    When the broker is slower than the sender, `send` blocks: at most 32 MiB are under way. (The client itself
    has no bound: it would take articles into memory as fast as files can be read.) A message is kept until the broker
    has it: a connection that the broker has forgotten is replaced, and what was under way is sent again, in order; it
    may then be there twice.

    For one thread at a time.

    Args:
        settings: where the broker is.
        on_accepted: called from the client's thread for each message that the broker has.
        faults: is told while the broker takes nothing.
        waits: whether a message is waited for as long as it takes; else it counts as lost after five minutes.
        stop: once it is set, nothing is waited for.

    Attributes:
        accepted: messages the broker acknowledged.
        lost: messages it did not take, after all attempts.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        on_accepted: Callable[[], None] | None = None,
        faults: Faults | None = None,
        waits: bool = False,
        stop: threading.Event | None = None,
    ) -> None:
        self._settings = settings
        self._on_accepted = on_accepted
        self._faults = faults or _Unsaid()
        self._waits = waits
        self._stop = stop or threading.Event()
        self._sent = 0
        self._first_lost: int | None = None
        self._pending: OrderedDict[int, _Message] = OrderedDict()  # whose first is found at once
        self._in_flight = 0
        self._changed = threading.Condition()
        self._connection = 0
        self._broken: BaseException | None = None
        self._fruitless = 0
        self.accepted = 0
        self.lost: list[Lost] = []
        self._producer = self._connected()

    def _connected(self) -> KafkaProducer:
        with translated(self._settings):
            return KafkaProducer(
                client_id="news-pipeline-producer",
                acks="all",
                enable_idempotence=True,
                batch_size=_BATCH_BYTES,
                linger_ms=_LINGER_MILLISECONDS,
                delivery_timeout_ms=int(_DELIVERY_SECONDS * 1000),
                allow_auto_create_topics=False,
                max_request_size=self._settings.max_message_bytes * 2,
                bootstrap_timeout_ms=int(_BOOTSTRAP_SECONDS * 1000),
                **connection(self._settings),
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            self.flush(None if kind is None else _CLOSE_SECONDS)
        except BaseException:
            _drop(self._producer)  # else it complains when the process ends
            raise
        if self._pending:
            _drop(self._producer)
            return
        with translated(self._settings):
            self._producer.close()

    def send(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        headers: list[tuple[str, bytes]] | None = None,
    ) -> None:
        """Queue one message; blocks while too much is under way.

        Raises:
            TransientError: the broker is away.
        """
        message = _Message(topic, key, value, headers)
        # One message is always let through, whatever its size.
        self._await(lambda: not self._in_flight or self._in_flight + message.size <= _IN_FLIGHT_BYTES)
        with self._changed:
            number = self._sent
            self._pending[number] = message
            self._sent += 1
            self._in_flight += message.size
        self._look()
        self._hand_over(number, message)

    def flush(self, seconds: float | None = None) -> None:
        """Wait until everything sent is acknowledged or lost, or it is to stop, or for so many seconds."""
        self._await(lambda: not self._pending, seconds)

    @property
    def under_way(self) -> int:
        """Messages of which it is not known whether the broker has them."""
        return len(self._pending)

    @property
    def acknowledged(self) -> int:
        """How many messages the broker has from the first on, without a gap: the next is under way or lost."""
        with self._changed:
            known = next(iter(self._pending), self._sent)
            return known if self._first_lost is None else min(known, self._first_lost)

    def _await(self, so: Callable[[], bool], seconds: float | None = None) -> None:
        """Wait until it is so, and look after the connection meanwhile."""
        deadline = None if seconds is None else time.monotonic() + seconds
        while deadline is None or time.monotonic() < deadline:
            with self._changed:
                self._changed.wait_for(lambda: so() or self._broken is not None, _LOOK_SECONDS)
                if so():
                    return
            if self._stop.is_set():
                return
            self._look()

    def _hand_over(self, number: int, message: _Message) -> None:
        """Give a message to the client."""
        try:
            future = self._producer.send(
                message.topic, key=message.key, value=message.value, headers=message.headers
            )
        except MessageSizeTooLargeError as error:
            self._lose(number, error)
            return
        except KafkaError as error:
            if self._waits:
                self._broken = error  # it is pending: the next look sends it again
                return
            self._lose(number, error)
            raise TransientError(f"the broker takes nothing: {error}") from error
        connection = self._connection
        future.add_callback(lambda _: self._take(number))
        future.add_errback(lambda error: self._fail(number, connection, error))

    def _take(self, number: int) -> None:
        """The broker has it."""
        with self._changed:
            message = self._pending.pop(number, None)
            if message is None:  # taken twice
                return
            self._in_flight -= message.size
            self.accepted += 1
            self._fruitless = 0
            self._changed.notify_all()
        self._faults.over()
        if self._on_accepted:
            self._on_accepted()

    def _fail(self, number: int, connection: int, error: BaseException) -> None:
        """The client has given it up, for good or with its connection."""
        with self._changed:
            if connection != self._connection:  # it was sent again
                return
            if isinstance(error, _FORGOTTEN) or (self._waits and isinstance(error, KafkaTimeoutError)):
                self._broken = error
                self._changed.notify_all()
                return
        self._lose(number, error)

    def _lose(self, number: int, error: BaseException) -> None:
        with self._changed:
            message = self._pending.pop(number, None)
            if message is not None:
                self._in_flight -= message.size
                self.lost.append(Lost(message.key or b"", str(error)))
                self._first_lost = number if self._first_lost is None else min(number, self._first_lost)
            self._changed.notify_all()

    def _look(self) -> None:
        """Say that the broker is silent, and replace a connection that it has forgotten."""
        with self._changed:
            broken = self._broken
            oldest = next(iter(self._pending.values()), None)
        silent = 0.0 if oldest is None else time.monotonic() - oldest.since
        if silent > _SILENCE_SECONDS:
            self._faults.again(f"has taken nothing for {silent:.0f} s")
        if broken is not None:
            self._replace(broken)

    def _replace(self, broken: BaseException) -> None:
        if self._fruitless >= _FRUITLESS and isinstance(broken, _FORGOTTEN):
            self._broken = None
            for number in list(self._pending):
                self._lose(number, broken)
            return
        with self._changed:
            self._connection += 1  # from here on the old one's failures say nothing
        _drop(self._producer)
        try:
            self._producer = self._connected()
        except TransientError as error:
            if not self._waits:
                raise
            self._faults.again(error)
            return  # still broken: the next look tries again
        with self._changed:
            self._broken = None
            self._fruitless += 1
            again = list(self._pending.items())
        for number, message in again:
            self._hand_over(number, message)


def _drop(producer: KafkaProducer) -> None:
    """Close it without what is under way: for that `close` waits first, and leaves its thread running if in vain."""
    producer._sender.force_close()  # noqa: SLF001 - nothing public gives up what is under way
    producer.close(timeout=_CLOSE_SECONDS)


class ArticleProducer:
    """Sends articles to news.raw.

    Args:
        settings: where the broker is.
        publisher: the connection.
    """

    def __init__(self, settings: Settings, publisher: Publisher) -> None:
        self._topic = topic_name(settings, Topic.RAW)
        self._limit = settings.max_message_bytes
        self._publisher = publisher

    def send(self, article: Article, trace: TraceContext | None = None) -> None:
        """Queue one article, as a part of a trace if it is one; blocks while the broker is behind.

        Raises:
            SourceError: its message is too large for the topic.
            TransientError: the broker is away.
        """
        value = encode(article)
        if len(value) > self._limit:
            raise SourceError(
                article.article_id,
                f"a message of {len(value)} bytes, over PIPELINE_MAX_MESSAGE_BYTES={self._limit}: shorten it",
                reason="too-large",
            )
        headers = [_ARTICLE, *(trace.to_headers() if trace else ())]
        self._publisher.send(self._topic, article.article_id.encode(), value, headers)


class Delivery:
    """Sends portions of articles, each acknowledged when the call returns. Safe for threads: one portion at a time.

    Args:
        producer: sends them.
        publisher: its connection, which nobody else uses.
    """

    def __init__(self, producer: ArticleProducer, publisher: Publisher) -> None:
        self._producer = producer
        self._publisher = publisher
        self._one_at_a_time = threading.Lock()

    def __call__(self, articles: Sequence[Article], trace: TraceContext | None = None) -> Mapping[str, str]:
        """Send a portion, all of one trace; the ids of those that the broker has not, each with the reason.

        Raises:
            TransientError: the broker is away; some of them may have been taken.
        """
        with self._one_at_a_time:
            self._publisher.lost.clear()  # of a portion that was broken off
            refused: dict[str, str] = {}
            for article in articles:
                try:
                    self._producer.send(article, trace)
                except SourceError as problem:
                    refused[article.article_id] = problem.problem
            self._publisher.flush()
            if self._publisher.under_way:
                raise TransientError(
                    f"{self._publisher.under_way} articles were not acknowledged before it ended"
                )
            lost = self._publisher.lost
            return refused | {one.key.decode(): f"the broker did not take it: {one.error}" for one in lost}
