"""Articles onto news.raw, each acknowledged by the broker before it counts as accepted."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from kafka import KafkaProducer
from kafka.errors import KafkaError, MessageSizeTooLargeError

from pipeline.errors import SourceError, TransientError
from pipeline.kafka.admin import connection, translated
from pipeline.kafka.topics import Topic, topic_name
from pipeline.record import Article
from pipeline.record.codec import encode
from pipeline.settings import MIB, Settings

_BATCH_BYTES = 256 * 1024
_LINGER_MILLISECONDS = 5
_IN_FLIGHT_BYTES = 32 * MIB
_DELIVERY_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Lost:
    """A message that the broker did not take, and why."""

    key: bytes
    error: str


class Publisher:
    """Sends keyed bytes to topics: idempotent, acks=all. A context manager; leaving it flushes.

    When the broker is slower than the sender, `send` blocks: at most 32 MiB are under way. (The client itself
    has no bound: it would take articles into memory as fast as files can be read.)

    Args:
        settings: where the broker is.
        on_accepted: called from the client's thread for each message that the broker has.

    Attributes:
        accepted: messages the broker acknowledged.
        lost: messages it did not take, after all of the client's own attempts.
    """

    def __init__(self, settings: Settings, *, on_accepted: Callable[[], None] | None = None) -> None:
        self._settings = settings
        self._on_accepted = on_accepted
        self._in_flight = 0
        self._changed = threading.Condition()
        self.accepted = 0
        self.lost: list[Lost] = []
        with translated(settings):
            self._producer = KafkaProducer(
                client_id="news-pipeline-producer",
                acks="all",
                enable_idempotence=True,
                batch_size=_BATCH_BYTES,
                linger_ms=_LINGER_MILLISECONDS,
                delivery_timeout_ms=int(_DELIVERY_SECONDS * 1000),
                allow_auto_create_topics=False,
                max_request_size=settings.max_message_bytes * 2,
                bootstrap_timeout_ms=10_000,
                **connection(settings),
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
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

        A message that is not acknowledged within five minutes is counted as lost.

        Raises:
            TransientError: the broker is away.
        """
        size = len(key or b"") + len(value or b"")
        with self._changed:
            # One message is always let through, whatever its size.
            self._changed.wait_for(lambda: not self._in_flight or self._in_flight + size <= _IN_FLIGHT_BYTES)
            self._in_flight += size
        try:
            future = self._producer.send(topic, key=key, value=value, headers=headers)
        except MessageSizeTooLargeError as error:
            self._done(size, key, error)
            return
        except KafkaError as error:
            self._done(size, key, error)
            raise TransientError(f"the broker takes nothing: {error}") from error
        future.add_callback(lambda _: self._done(size, key, None))
        future.add_errback(lambda error: self._done(size, key, error))

    def flush(self) -> None:
        """Wait until everything sent is acknowledged or lost."""
        with translated(self._settings):
            self._producer.flush()

    def _done(self, size: int, key: bytes | None, error: BaseException | None) -> None:
        with self._changed:
            self._in_flight -= size
            if error is None:
                self.accepted += 1
            else:
                self.lost.append(Lost(key or b"", str(error)))
            self._changed.notify_all()
        if error is None and self._on_accepted:
            self._on_accepted()


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

    def send(self, article: Article) -> None:
        """Queue one article; blocks while the broker is behind.

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
        self._publisher.send(self._topic, article.article_id.encode(), value)


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

    def __call__(self, articles: Sequence[Article]) -> Mapping[str, str]:
        """Send a portion; the ids of those that the broker has not, each with the reason.

        Raises:
            TransientError: the broker is away; some of them may have been taken.
        """
        with self._one_at_a_time:
            self._publisher.lost.clear()  # of a portion that was broken off
            refused: dict[str, str] = {}
            for article in articles:
                try:
                    self._producer.send(article)
                except SourceError as problem:
                    refused[article.article_id] = problem.problem
            self._publisher.flush()
            lost = self._publisher.lost
            return refused | {one.key.decode(): f"the broker did not take it: {one.error}" for one in lost}
