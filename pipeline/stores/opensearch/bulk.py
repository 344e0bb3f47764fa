"""Many changes in one request, and what became of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

import orjson

from pipeline.errors import TransientError

_LARGEST = 16 << 20  # bytes of a request; OpenSearch takes 100 MB
_CONFLICT, _TOO_MANY, _UNAVAILABLE = 409, 429, 500


class Fate(Enum):
    """What became of a change."""

    DONE = auto()
    CONFLICT = auto()  # somebody else was faster
    REFUSED = auto()


@dataclass(frozen=True, slots=True)
class Change:
    """A document to be written.

    Attributes:
        index: its index.
        id: its id.
        document: the whole of it; with `partial` the fields that change.
        seen: the sequence number and term under which it was read; None when it must not be there yet.
        partial: whether the other fields stay.
        always: write it whatever is there.
    """

    index: str
    id: str
    document: dict[str, Any]
    seen: tuple[int, int] | None = None
    partial: bool = False
    always: bool = False

    def lines(self) -> bytes:
        """As two lines of a request."""
        about: dict[str, Any] = {"_index": self.index, "_id": self.id}
        if self.seen is not None:
            about |= {"if_seq_no": self.seen[0], "if_primary_term": self.seen[1]}
        how = "update" if self.partial else "index" if self.seen is not None or self.always else "create"
        document = {"doc": self.document} if self.partial else self.document
        return orjson.dumps({how: about}) + b"\n" + orjson.dumps(document) + b"\n"


def carry_out(client: Any, changes: Sequence[Change]) -> list[tuple[Fate, str]]:
    """Write, in their order; for each change what became of it, and why it was refused.

    Raises:
        TransientError: the server has too much to do; some of them may have been written.
        opensearchpy.exceptions.OpenSearchException: as any question.
    """
    fates: list[tuple[Fate, str]] = []
    for request in _requests(changes):
        answer = client.bulk(body=request)
        fates += [_fate(next(iter(item.values()))) for item in answer["items"]]
    return fates


def _requests(changes: Sequence[Change]) -> Iterator[bytes]:
    request = bytearray()
    for change in changes:
        lines = change.lines()
        if request and len(request) + len(lines) > _LARGEST:
            yield bytes(request)
            request.clear()
        request += lines
    if request:
        yield bytes(request)


def _fate(item: dict[str, Any]) -> tuple[Fate, str]:
    status = item["status"]
    if "error" not in item:
        return Fate.DONE, ""
    error = item["error"]
    said = " ".join(f"{error.get('type')}: {error.get('reason')}".split())[:300]
    if status == _CONFLICT:
        return Fate.CONFLICT, said
    if status == _TOO_MANY or status >= _UNAVAILABLE:
        raise TransientError(f"OpenSearch can't take more now: {said}")
    return Fate.REFUSED, said
