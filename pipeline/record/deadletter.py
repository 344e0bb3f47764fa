"""What could not be processed, and why."""

from __future__ import annotations

import builtins
import hashlib
from typing import Literal, Self

from pydantic import Base64Bytes, Field

from pipeline.errors import Reason
from pipeline.record.base import SCHEMA_VERSION, Model, UtcTime
from pipeline.record.headers import TraceContext
from pipeline.record.position import LogPosition

ATTEMPTS_HEADER = "pipeline-attempts"
"""The Kafka header of a re-driven message: how often it has failed so far."""


class Omission(Model):
    """Bytes that are too many to be kept: how many they are, and their BLAKE2b in hexadecimal (32 bytes)."""

    bytes: int = Field(ge=0)
    blake2b: str = Field(pattern=r"^[0-9a-f]{64}$")

    @classmethod
    def of(cls, data: builtins.bytes) -> Self:
        """What stands for these bytes."""
        return cls(bytes=len(data), blake2b=hashlib.blake2b(data, digest_size=32).hexdigest())


class DeadLetter(Model):
    """A message that could not be processed, with its bytes and where, what, when and how often.

    `letter_id` is a function of where the message was, so that a redelivery gives the same dead letter again. A key
    or a value that the dead-letter topic has no room for is omitted: then `key` or `value` is None, and `omitted_key`
    or `omitted_value` tells what it was. While the retention of its topic keeps the message, it is there. One that is
    `forgotten` has neither, since its article was removed on purpose. `position` is where its article was accepted,
    None where that is not known (letters of versions before 0.2). `trace` is that of the message, if it had one.
    """

    schema_version: Literal[1] = SCHEMA_VERSION
    letter_id: str
    article_id: str | None
    stage: str
    topic: str
    partition: int
    offset: int
    key: Base64Bytes | None
    value: Base64Bytes | None
    omitted_key: Omission | None = None
    omitted_value: Omission | None = None
    reason: Reason
    error: str
    attempts: int = Field(ge=1)
    failed_at: UtcTime
    position: LogPosition | None = None
    trace: TraceContext | None = None
    status: Literal["open", "redriven", "discarded", "forgotten"] = "open"
