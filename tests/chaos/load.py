"""A steady flow of articles with copies, redeliveries and poison among them, all drawn from one seed."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Self

from pipeline.errors import TransientError
from pipeline.kafka.publisher import Publisher
from pipeline.kafka.topics import Topic, topic_name
from pipeline.record import Article
from pipeline.record.codec import decode_article, encode
from pipeline.settings import Settings
from tests.support.articles import article
from tests.support.faults import Marker

Message = tuple[bytes | None, bytes | None]

_ROUND = 10
_PAUSE_SECONDS = 0.8

_POISON: tuple[tuple[bytes | None, bytes | None], ...] = (
    (None, b"neither key nor JSON"),
    (b"tombstone", None),
    (b"broken", b'{"article_id": "bro'),
    (b"latin", b'{"article_id": "caf\xe9"}'),
    (b"\xff\xfe", b"a key of no encoding"),
    (b"no-text", b'{"article_id": "no-text"}'),
    (b"newer", b'{"schema_version": 2, "article_id": "newer"}'),
    (b"deep", b"[" * 50_000),
)


def messages(seed: int) -> Iterator[Message]:
    """Messages without end: about one in eight a copy, one in eight a redelivery, one in twenty poison.

    One in twenty is a correction, by a host whose clock is an hour behind; what is redelivered may be corrected since.
    """
    dice = random.Random(f"load/{seed}")
    sent: list[Message] = []
    number = 0
    while True:
        number += 1
        chance = dice.random()
        if chance < 0.05:
            yield _poison(dice, number, seed)
            continue
        if chance < 0.17 and sent:
            yield dice.choice(sent)
            continue
        made = article(number, seed=seed)
        if chance < 0.3 and sent:
            original = dice.randrange(1, number)
            text = article(original, seed=seed)
            made = made.model_copy(update={"title": text.title, "text": text.text})
        elif chance < 0.35 and sent:
            made = _corrected(dice.choice(sent), number)
        message = (made.article_id.encode(), encode(made))
        sent.append(message)
        yield message


def _corrected(message: Message, number: int) -> Article:
    first = decode_article(message[1])
    late = first.ingested_at - timedelta(hours=1)
    return first.model_copy(
        update={"text": f"{first.text}\n\nCorrection {number}: it was not so.", "ingested_at": late}
    )


def _poison(dice: random.Random, number: int, seed: int) -> Message:
    if dice.random() < 0.9:
        return dice.choice(_POISON)
    marked = article(number, seed=seed, marker=dice.choice((Marker.RAISE, Marker.DIE_ONCE)))
    return marked.article_id.encode(), encode(marked)


@dataclass
class Load:
    """Publishes from a thread until stopped; a context manager.

    Attributes:
        acknowledged: what the broker has said that it has, in order of sending.
    """

    settings: Settings
    seed: int
    acknowledged: list[Message] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._stop = threading.Event()
        self._source = messages(self.seed)
        self._thread = threading.Thread(target=self._run, name="load")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End after the round under way."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(_PAUSE_SECONDS):
            messages = [next(self._source) for _ in range(_ROUND)]
            while not self._sent(messages):
                # Sent again whole: a redelivery is one more thing that has to be borne.
                self._stop.wait(_PAUSE_SECONDS)
            self.acknowledged += messages

    def _sent(self, messages: list[Message]) -> bool:
        try:
            with Publisher(self.settings) as publisher:
                for key, value in messages:
                    publisher.send(topic_name(self.settings, Topic.RAW), key, value)
                publisher.flush()
                return publisher.accepted == len(messages)
        except TransientError:
            return False
