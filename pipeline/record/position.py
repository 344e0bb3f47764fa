"""Where an article was accepted: what tells the order of its versions."""

from __future__ import annotations

from typing import Self

from pydantic import Field

from pipeline.record.base import Model, UtcTime

POSITION_HEADER = "pipeline-position"
"""The Kafka header that tells where on the raw topic a message's article was accepted: a LogPosition."""


class LogPosition(Model):
    """Where on the raw topic a version of an article was accepted, and when.

    `log` is the identity of the topic as it was then ("" where the broker gives none): a topic made anew under the
    same name is another log, and offsets of different logs can't be compared. `appended_at` is the broker's own
    time of appending, None where the topic keeps the producer's.
    """

    log: str = Field(max_length=64)
    offset: int = Field(ge=0)
    appended_at: UtcTime | None = None

    def to_header(self) -> bytes:
        """As the value of POSITION_HEADER."""
        return self.model_dump_json(exclude_none=True).encode()

    @classmethod
    def from_header(cls, value: bytes | None) -> Self | None:
        """The position in a header. A header comes from anybody: what is none counts as absent."""
        if value is None or len(value) > _LONGEST_HEADER:
            return None
        try:
            return cls.model_validate_json(value)
        except ValueError:
            return None


_LONGEST_HEADER = 256
