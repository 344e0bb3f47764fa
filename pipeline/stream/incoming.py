"""A message as it was consumed, and the letter that it becomes when it can't be processed."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime

from pipeline.kafka.recordbatches import Refusal
from pipeline.record import DeadLetter, LogPosition, TraceContext
from pipeline.stages.base import Rejection

_LONGEST_ERROR = 1000


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message as it was consumed.

    `attempts` counts how often it was dead-lettered before; `position` is where its article was accepted;
    `timestamp` is in milliseconds, the producer's or the broker's; `refusal` is there when the message can't be read;
    `trace` when its sender said to which one it belongs.
    """

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    attempts: int = 0
    position: LogPosition | None = None
    timestamp: int = 0
    refusal: Refusal | None = None
    trace: TraceContext | None = None


def dead_letter(stage: str, message: Incoming, rejection: Rejection, now: datetime) -> DeadLetter:
    """The dead letter for a message, with its original bytes."""
    return DeadLetter(
        letter_id=f"{message.topic}/{message.partition}/{message.offset}/{stage}",
        article_id=_readable(message.key),
        stage=stage,
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        key=None if message.key is None else base64.b64encode(message.key),
        value=None if message.value is None else base64.b64encode(message.value),
        omitted_value=None if message.refusal is None else message.refusal.omitted,
        reason=rejection.reason,
        error=rejection.detail[:_LONGEST_ERROR].encode(errors="replace").decode(),
        attempts=message.attempts + 1,
        failed_at=now,
        position=message.position,
        trace=message.trace,
    )


def _readable(key: bytes | None) -> str | None:
    try:
        return key.decode() if key else None
    except UnicodeDecodeError:
        return None
