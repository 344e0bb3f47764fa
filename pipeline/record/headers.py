"""Kafka headers that other programs go by: the schema of a message, and the trace that it belongs to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Self

from pydantic import Field

from pipeline.record.base import SCHEMA_VERSION, Model

SCHEMA_HEADER = "pipeline-schema"
"""The Kafka header that tells which schema a message has: its name in docs/schemas, a slash, its major version."""

Header = tuple[str, bytes]

_PARENT, _STATE = "traceparent", "tracestate"
_TRACE_PARENT = r"^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-[!-~]{0,200})?$"
_INVALID = re.compile(
    r"ff-|..-0{32}-|..-.{32}-0{16}-"
)  # a version, a trace and a parent that the standard forbids
_LONGEST_STATE = 512  # characters, which is what the standard asks everybody to pass on


def schema_header(name: str) -> Header:
    """The header of a message of this schema, such as `pipeline-schema: record/1`."""
    return SCHEMA_HEADER, f"{name}/{SCHEMA_VERSION}".encode()


class TraceContext(Model):
    """The trace that a message belongs to, by whoever began it: W3C Trace Context, which is passed on as it came."""

    traceparent: str = Field(pattern=_TRACE_PARENT)
    tracestate: str | None = Field(default=None, max_length=_LONGEST_STATE, pattern=r"^[\t -~]*$")

    @classmethod
    def from_headers(cls, headers: Mapping[str, bytes | str | None]) -> Self | None:
        """That of a message or a request. Headers come from anybody: what is none counts as absent, as is its state."""
        parent, state = _readable(headers.get(_PARENT)), _readable(headers.get(_STATE))
        if parent is None or _INVALID.match(parent):
            return None
        for fields in ({_PARENT: parent, _STATE: state}, {_PARENT: parent}):
            try:
                return cls.model_validate(fields)
            except ValueError:
                continue
        return None

    def to_headers(self) -> tuple[Header, ...]:
        """As the headers of a message."""
        parent = (_PARENT, self.traceparent.encode())
        return (parent, (_STATE, self.tracestate.encode())) if self.tracestate else (parent,)


def _readable(value: bytes | str | None) -> str | None:
    return value.decode(errors="replace") if isinstance(value, bytes) else value
