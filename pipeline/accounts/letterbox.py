"""What is on the dead-letter topic, message by message: letters, and what can't be read as one.

Anything may be there: a tombstone, somebody's junk, a letter of a later version. Each is a letter of its own kind, so
that whoever reads the topic gets past it, and whoever looks after it can see it and decide on it.
"""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

from pipeline.errors import PermanentError, Reason
from pipeline.kafka.scan import Scanned
from pipeline.kafka.topics import Topic
from pipeline.record import DeadLetter
from pipeline.record.codec import decode_dead_letter

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def letter_in(message: Scanned) -> DeadLetter:
    """The letter in a message of the topic; for what is none, one about the message itself, known by its place.

    The latter has the reason `not-a-letter`, and says nothing about any article.
    """
    try:
        return decode_dead_letter(message.value)
    except PermanentError as error:
        return DeadLetter(
            letter_id=f"{message.topic}/{message.partition}/{message.offset}",
            article_id=None,
            stage=Topic.DEAD_LETTER,
            topic=message.topic,
            partition=message.partition,
            offset=message.offset,
            key=None if message.key is None else base64.b64encode(message.key),
            value=None if message.value is None else base64.b64encode(message.value),
            reason=Reason.NOT_A_LETTER,
            error=str(error).encode(errors="replace").decode(),
            attempts=1,
            failed_at=_time(message.timestamp),
        )


def is_letter(letter: DeadLetter) -> bool:
    """Whether it is about a message of the flow; else nothing can be sent back for it."""
    return letter.reason is not Reason.NOT_A_LETTER


def _time(milliseconds: int) -> datetime:
    """When the message was appended: any number, since its producer may set it."""
    try:
        return _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return _EPOCH
