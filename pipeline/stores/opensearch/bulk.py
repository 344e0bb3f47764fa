"""Many changes in one request, and what became of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

import orjson

from pipeline.errors import InstallationError, TransientError

_LARGEST = 16 << 20  # bytes of a request; OpenSearch takes 100 MB
_NOT_FOUND, _CONFLICT = 404, 409
_OVERTAKEN = frozenset(("version_conflict_engine_exception", "document_missing_exception"))
_BLAMED = frozenset(
    ("mapper_parsing_exception", "strict_dynamic_mapping_exception", "illegal_argument_exception")
)
"""What OpenSearch says against the document itself; nothing else is its fault."""
_MENDED = frozenset(("cluster_block_exception", "index_closed_exception", "index_not_found_exception"))
"""What waits for a person, as does every refusal for want of rights."""
_RIGHTS = frozenset((401, 403))
_BUSY = 429
"""Blocks that are lifted by themselves, when there is room on the disk again, have this status."""


class Fate(Enum):
    """What became of a change."""

    DONE = auto()
    ABSENT = auto()  # to be deleted, and not there
    CONFLICT = auto()  # somebody else was faster
    REFUSED = auto()  # for what the document is


@dataclass(frozen=True, slots=True)
class Change:
    """A document to be written, or to be deleted.

    Attributes:
        index: its index.
        id: its id.
        document: the whole of it; with `partial` the fields that change; None to delete it.
        seen: the sequence number and term under which it was read; None when it must not be there yet.
        partial: whether the other fields stay.
        always: write it whatever is there.
    """

    index: str
    id: str
    document: dict[str, Any] | None
    seen: tuple[int, int] | None = None
    partial: bool = False
    always: bool = False

    def lines(self) -> bytes:
        """As one or two lines of a request."""
        about: dict[str, Any] = {"_index": self.index, "_id": self.id}
        if self.document is None:
            return orjson.dumps({"delete": about}) + b"\n"
        if self.seen is not None:
            about |= {"if_seq_no": self.seen[0], "if_primary_term": self.seen[1]}
        how = "update" if self.partial else "index" if self.seen is not None or self.always else "create"
        document = {"doc": self.document} if self.partial else self.document
        return orjson.dumps({how: about}) + b"\n" + orjson.dumps(document) + b"\n"


def carry_out(client: Any, changes: Sequence[Change]) -> list[tuple[Fate, str]]:
    """Write, in their order; for each change what became of it, and why it was refused.

    Raises:
        TransientError: the server can't now, or for a reason that nobody has thought of; some may have been written.
        InstallationError: an index is closed for writing, or this user may not write; some may have been written.
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
        return (Fate.ABSENT if status == _NOT_FOUND else Fate.DONE), ""
    error = item["error"]
    kind = error.get("type")
    said = " ".join(f"{kind}: {error.get('reason')}".split())[:300]
    if kind in _OVERTAKEN or status == _CONFLICT:
        return Fate.CONFLICT, said
    if kind in _BLAMED:
        return Fate.REFUSED, said
    if status in _RIGHTS or (kind in _MENDED and status != _BUSY):
        raise InstallationError(f"OpenSearch takes no documents in {item['_index']}: {said}")
    raise TransientError(f"OpenSearch can't take more now: {said}")
