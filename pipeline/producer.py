"""Articles onto news.raw, each acknowledged by the broker before it counts as accepted."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from kafka import KafkaProducer
from kafka.errors import KafkaTimeoutError, MessageSizeTooLargeError

from pipeline.broker import connection, translated
from pipeline.codec import encode
from pipeline.errors import SourceError, TransientError
from pipeline.models import Article
from pipeline.settings import MIB, Settings
from pipeline.topics import Topic, topic_name

_BATCH_BYTES = 256 * 1024
_LINGER_MILLISECONDS = 5
_BUFFER_BYTES = 32 * MIB


@dataclass(frozen=True, slots=True)
class Lost:
    """A message that the broker did not take, and why."""

    key: bytes
    error: str


class Publisher:
    """Sends keyed bytes to topics: idempotent, acks=all. A context manager; leaving it flushes.

    When the broker is slower than the sender, `send` blocks: that is the backpressure.

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
        self._lock = threading.Lock()
        self.accepted = 0
        self.lost: list[Lost] = []
        with translated(settings):
            self._producer = KafkaProducer(
                client_id="news-pipeline-producer",
                acks="all",
                enable_idempotence=True,
                batch_size=_BATCH_BYTES,
                linger_ms=_LINGER_MILLISECONDS,
                buffer_memory=_BUFFER_BYTES,
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
        """Queue one message; blocks while the buffer is full.

        Raises:
            TransientError: the buffer stayed full for a minute: the broker is away.
        """
        try:
            future = self._producer.send(topic, key=key, value=value, headers=headers)
        except KafkaTimeoutError as error:
            raise TransientError(f"the broker takes nothing: {error}") from error
        except (MessageSizeTooLargeError, AssertionError) as error:
            self._failed(key, error)
            return
        future.add_callback(self._took)
        future.add_errback(lambda error: self._failed(key, error))

    def flush(self) -> None:
        """Wait until everything sent is acknowledged or lost."""
        with translated(self._settings):
            self._producer.flush()

    def _took(self, _: Any) -> None:
        with self._lock:
            self.accepted += 1
        if self._on_accepted:
            self._on_accepted()

    def _failed(self, key: bytes | None, error: BaseException) -> None:
        with self._lock:
            self.lost.append(Lost(key or b"", str(error)))


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
