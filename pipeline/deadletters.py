"""Dead letters: what could not be processed, kept with its bytes until someone decides.

The topic is append-only: a decision is another message under the same key, and the last one stands.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pipeline.codec import decode_dead_letter, encode
from pipeline.errors import TransientError
from pipeline.models import ATTEMPTS_HEADER, DeadLetter
from pipeline.producer import Publisher
from pipeline.scan import scan
from pipeline.settings import Settings
from pipeline.topics import Topic, topic_name


@dataclass(frozen=True, slots=True)
class Selection:
    """Which dead letters are meant; every field that is set must fit."""

    letter_ids: frozenset[str] = frozenset()
    article_ids: frozenset[str] = frozenset()
    reason: str | None = None
    stage: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    status: str | None = "open"

    def takes(self, letter: DeadLetter) -> bool:
        """Whether the letter is meant."""
        return (
            (not self.letter_ids or letter.letter_id in self.letter_ids)
            and (not self.article_ids or letter.article_id in self.article_ids)
            and (self.reason is None or letter.reason == self.reason)
            and (self.stage is None or letter.stage == self.stage)
            and (self.since is None or letter.failed_at >= self.since)
            and (self.until is None or letter.failed_at < self.until)
            and (self.status is None or letter.status == self.status)
        )


def letters(settings: Settings, selection: Selection) -> Iterator[DeadLetter]:
    """The selected letters in the order in which they first failed, each as it stands now.

    Two passes over the topic: the first learns each letter's status, so that only ids are held in memory.
    """
    status: dict[str, str] = {}
    for message in scan(settings, Topic.DEAD_LETTER):
        letter = decode_dead_letter(message.value)
        status[letter.letter_id] = letter.status
    seen: set[str] = set()
    for message in scan(settings, Topic.DEAD_LETTER):
        letter = decode_dead_letter(message.value)
        if letter.letter_id in seen or letter.letter_id not in status:
            continue
        seen.add(letter.letter_id)
        current = letter.model_copy(update={"status": status[letter.letter_id]})
        if selection.takes(current):
            yield current


def redrive(
    settings: Settings,
    chosen: Iterable[DeadLetter],
    *,
    rate: float | None = None,
    on_done: Callable[[DeadLetter], None] | None = None,
) -> int:
    """Send the original bytes back to the topic they came from, under their key; returns how many.

    The message is acknowledged before its letter is marked: interrupted in between, a letter is re-driven once
    more, which changes nothing downstream.

    Args:
        settings: where the broker is.
        chosen: the letters.
        rate: at most so many a second.
        on_done: called after each.

    Raises:
        TransientError: the broker did not take one; what was done so far is marked.
    """

    def back(publisher: Publisher, letter: DeadLetter) -> None:
        headers = [(ATTEMPTS_HEADER, str(letter.attempts).encode())]
        publisher.send(letter.topic, letter.key, letter.value, headers)

    return _decide(settings, chosen, "redriven", first=back, rate=rate, on_done=on_done)


def discard(
    settings: Settings, chosen: Iterable[DeadLetter], *, on_done: Callable[[DeadLetter], None] | None = None
) -> int:
    """Drop the letters on purpose, on the record; returns how many."""
    return _decide(settings, chosen, "discarded", on_done=on_done)


def _decide(
    settings: Settings,
    chosen: Iterable[DeadLetter],
    status: Literal["redriven", "discarded"],
    *,
    first: Callable[[Publisher, DeadLetter], None] | None = None,
    rate: float | None = None,
    on_done: Callable[[DeadLetter], None] | None = None,
) -> int:
    topic = topic_name(settings, Topic.DEAD_LETTER)
    done = 0
    due = time.monotonic()
    with Publisher(settings) as publisher:
        for letter in chosen:
            if rate:
                time.sleep(max(0.0, due - time.monotonic()))
                due = max(due, time.monotonic()) + 1 / rate
            if first is not None:
                first(publisher, letter)
                _acknowledged(publisher, letter)
            decided = letter.model_copy(update={"status": status})
            publisher.send(topic, letter.letter_id.encode(), encode(decided))
            _acknowledged(publisher, letter)
            done += 1
            if on_done:
                on_done(letter)
    return done


def _acknowledged(publisher: Publisher, letter: DeadLetter) -> None:
    publisher.flush()
    if publisher.lost:
        raise TransientError(f"{letter.letter_id}: the broker did not take it: {publisher.lost[-1].error}")
