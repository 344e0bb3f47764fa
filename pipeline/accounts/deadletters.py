"""Dead letters: what could not be processed, kept with its bytes until someone decides.

The topic is append-only: a decision is another message under the same key, and the last one stands. What can't be
read as a letter is one of its own kind (see `letterbox`): listed, shown, counted, and to be discarded.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pipeline.accounts.letterbox import is_letter, letter_in
from pipeline.accounts.originals import OriginalError, restored
from pipeline.errors import PermanentError, TransientError, UsageError
from pipeline.kafka.pacing import paced
from pipeline.kafka.publisher import Publisher
from pipeline.kafka.scan import scan
from pipeline.kafka.topics import Topic, topic_name
from pipeline.record import ATTEMPTS_HEADER, POSITION_HEADER, Article, DeadLetter, LogPosition, schema_header
from pipeline.record.codec import decode_record, encode
from pipeline.settings import Settings
from pipeline.sources.messages import article_in

# For the decision on what can't be read: it lies on the same topic, and may be as large as that takes.
_NO_BYTES = {"key": None, "value": None}
_LETTER = schema_header("dead-letter")


@dataclass(frozen=True, slots=True)
class Selection:
    """Which dead letters are meant; every field that is set must fit.

    `among` are letter ids that another choice has left, such as `ledger.doubled`; None means any.
    """

    letter_ids: frozenset[str] = frozenset()
    article_ids: frozenset[str] = frozenset()
    reason: str | None = None
    stage: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    status: str | None = "open"
    among: frozenset[str] | None = None

    def takes(self, letter: DeadLetter) -> bool:
        """Whether the letter is meant."""
        same = ((self.reason, letter.reason), (self.stage, letter.stage), (self.status, letter.status))
        one_of = (
            (self.letter_ids or None, letter.letter_id),
            (self.article_ids or None, letter.article_id),
            (self.among, letter.letter_id),
        )
        return (
            all(wanted is None or found == wanted for wanted, found in same)
            and all(wanted is None or found in wanted for wanted, found in one_of)
            and (self.since is None or letter.failed_at >= self.since)
            and (self.until is None or letter.failed_at < self.until)
        )


def letters(settings: Settings, selection: Selection) -> Iterator[DeadLetter]:
    """The selected letters in the order in which they first failed, each as it stands now.

    Two passes over the topic: the first learns each letter's status, so that only ids are held in memory.
    """
    status: dict[str, str] = {}
    for message in scan(settings, Topic.DEAD_LETTER):
        letter = letter_in(message)
        status[letter.letter_id] = letter.status
    seen: set[str] = set()
    for message in scan(settings, Topic.DEAD_LETTER):
        letter = letter_in(message)
        if letter.letter_id in seen or letter.letter_id not in status:
            continue
        seen.add(letter.letter_id)
        current = _decided(letter, status[letter.letter_id])
        if selection.takes(current):
            yield current


def sendable(
    chosen: Iterable[DeadLetter], on_left: Callable[[DeadLetter, str], None] = lambda *_: None
) -> Iterator[DeadLetter]:
    """The letters that have something to send back; `on_left` is called for each other one, with the reason."""
    for letter in chosen:
        if not is_letter(letter):
            on_left(letter, f"it can't be read as a dead letter ({letter.error}): discard it")
        elif all(
            part is None for part in (letter.key, letter.value, letter.omitted_key, letter.omitted_value)
        ):
            on_left(letter, "it has neither key nor value: discard it")
        else:
            yield letter


def redrive(
    settings: Settings,
    chosen: Iterable[DeadLetter],
    *,
    rate: float | None = None,
    on_left: Callable[[DeadLetter, str], None] = lambda *_: None,
) -> int:
    """Send the original bytes back to the topic they came from, under their key; returns how many.

    The message is acknowledged before its letter is marked: interrupted in between, a letter is re-driven once
    more, which changes nothing downstream.

    Args:
        settings: where the broker is.
        chosen: the letters.
        rate: at most so many a second.
        on_left: called with the reason for each that is left as it is: what can't be read as a letter, what has
            neither key nor value, which no client sends, and what has no room for its message, when that is not to
            be had from its topic or is larger than the topic takes.

    Raises:
        TransientError: the broker did not take one; what was done so far is marked.
    """

    def back(publisher: Publisher, letter: DeadLetter) -> bool:
        try:
            whole = restored(settings, letter)
        except OriginalError as error:
            on_left(letter, str(error))
            return False
        if len(whole.value or b"") > settings.max_message_bytes:
            on_left(letter, f"its message is over PIPELINE_MAX_MESSAGE_BYTES={settings.max_message_bytes}")
            return False
        _send_back(publisher, letter, whole.key, whole.value)
        return True

    return _decide(settings, paced(sendable(chosen, on_left), rate), "redriven", first=back)


def redrive_mended(settings: Settings, letter: DeadLetter, value: bytes) -> None:
    """Send other bytes back in the place of a letter's, under the id of their article; the letter keeps its own.

    Args:
        settings: where the broker is.
        letter: as `letters` gives it.
        value: the message that it should have been.

    Raises:
        UsageError: these bytes would be dead-lettered too: every wrong field is named.
        TransientError: the broker did not take it.
    """
    article_id = mended_id(settings, letter, value)

    def back(publisher: Publisher, letter: DeadLetter) -> bool:
        _send_back(publisher, letter, article_id.encode(), value)
        return True

    _decide(settings, [letter], "redriven", first=back)


def mended_id(settings: Settings, letter: DeadLetter, value: bytes) -> str:
    """The id of the article that a letter's message would have with other bytes.

    Raises:
        UsageError: these bytes would be dead-lettered too: every wrong field is named.
    """
    raw = letter.topic == topic_name(settings, Topic.RAW)
    try:
        decoded = article_in(value, key=letter.key) if raw else decode_record(value).article
    except PermanentError as error:
        raise UsageError(f"{letter.letter_id} is not mended yet: {error}") from None
    if len(value) > settings.max_message_bytes:
        raise UsageError(f"its message is over PIPELINE_MAX_MESSAGE_BYTES={settings.max_message_bytes}")
    return decoded.article_id


def _send_back(publisher: Publisher, letter: DeadLetter, key: bytes | None, value: bytes | None) -> None:
    headers = [(ATTEMPTS_HEADER, str(letter.attempts).encode())]
    # It is as old as it was, however late it is sent again; letters of 0.1 know their own place alone.
    position = letter.position or LogPosition(log="", offset=letter.offset)
    headers.append((POSITION_HEADER, position.to_header()))
    headers += letter.trace.to_headers() if letter.trace else ()
    publisher.send(letter.topic, key, value, headers)
    _acknowledged(publisher, letter)


def discard(settings: Settings, chosen: Iterable[DeadLetter]) -> int:
    """Drop the letters on purpose, on the record; returns how many.

    Raises:
        TransientError: the broker did not take one; what was done so far is marked.
    """
    return _decide(settings, chosen, "discarded", first=lambda *_: True)


def forget(settings: Settings, chosen: Iterable[DeadLetter]) -> int:
    """Take what they hold out of the letters, whose articles are removed on purpose; returns how many.

    The topic keeps the last message of each letter: those before it go when the broker compacts the topic.

    Raises:
        TransientError: the broker did not take one; what was done so far is marked.
    """
    return _decide(settings, chosen, "forgotten", first=lambda *_: True)


def article_of(letter: DeadLetter) -> Article | None:
    """The article that a letter is about, as far as its bytes tell."""
    with contextlib.suppress(PermanentError, ValueError, OverflowError):
        return article_in(letter.value, key=letter.key)
    with contextlib.suppress(PermanentError, ValueError, OverflowError):
        return decode_record(letter.value).article
    return None


def _decide(
    settings: Settings,
    chosen: Iterable[DeadLetter],
    status: Literal["redriven", "discarded", "forgotten"],
    *,
    first: Callable[[Publisher, DeadLetter], bool],
) -> int:
    topic = topic_name(settings, Topic.DEAD_LETTER)
    done = 0
    with Publisher(settings) as publisher:
        for letter in chosen:
            if not first(publisher, letter):
                continue
            decided = _decided(letter, status)
            if not is_letter(letter):
                decided = decided.model_copy(update=_NO_BYTES)
            publisher.send(topic, letter.letter_id.encode(), encode(decided), [_LETTER])
            _acknowledged(publisher, letter)
            done += 1
    return done


def _decided(letter: DeadLetter, status: str) -> DeadLetter:
    """The letter after a decision; once it is forgotten it holds nothing."""
    nothing = _NO_BYTES | {"omitted_key": None, "omitted_value": None} if status == "forgotten" else {}
    return letter.model_copy(update={"status": status, **nothing})


def _acknowledged(publisher: Publisher, letter: DeadLetter) -> None:
    publisher.flush()
    if publisher.lost:
        raise TransientError(f"{letter.letter_id}: the broker did not take it: {publisher.lost[-1].error}")
