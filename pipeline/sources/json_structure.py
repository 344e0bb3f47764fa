"""The outline of JSON without parsing it: how deep, how many values, where the records are."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from pipeline.sources.limits import Limits
from pipeline.sources.problems import Reason, UnfitError

# A whole string, or a mark of structure. Nothing backtracks, and an unclosed string runs to the end, so that
# hostile input takes linear time.
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\(?s:.|\Z)[^"\\]*+)*+(?:"|\Z)|[\[\]{},]')

_OBJECTS = re.compile(rb"\[\s*\{")
_ANSWER_DEPTH = 2


def check(record: bytes, limits: Limits) -> None:
    """See that parsing `record` is cheap.

    Raises:
        UnfitError: it is nested too deeply or holds too many values.
    """
    # Counting every mark, those in strings too, is fast and settles it for nearly all records.
    opened = record.count(b"{") + record.count(b"[")
    if opened <= limits.max_json_depth and opened + record.count(b",") < limits.max_json_fields:
        return
    depth, values = 0, 1
    for token in _TOKEN.finditer(record):
        mark = token.group()
        if mark in b"[{":
            depth += 1
            values += 1
        elif mark in b"]}":
            depth -= 1
        elif mark == b",":
            values += 1
        if depth > limits.max_json_depth:
            raise UnfitError(
                Reason.TOO_COMPLEX, f"is nested more than {limits.max_json_depth} levels deep; flatten it"
            )
        if values > limits.max_json_fields:
            raise UnfitError(
                Reason.TOO_COMPLEX,
                f"has more than {limits.max_json_fields:,} values; leave out what is not needed",
            )


def records(document: bytes) -> Iterator[tuple[int, bytes]]:
    """The (offset, bytes) of each record of a JSON document: the elements of an array, else the values.

    The pieces need not be valid JSON: each is to be parsed by itself, so that a broken one costs only itself.

    Raises:
        UnfitError: the document ends inside its array; the elements up to there have been given.
    """
    cut = _Cut(document)
    for token in _TOKEN.finditer(document):
        piece = cut.at(token.group(), token.start(), token.end())
        if piece is not None:
            yield piece
    if document[cut.start :].strip():
        yield _piece(document, cut.start, len(document))
    if cut.in_array:
        raise UnfitError(Reason.NOT_JSON, "is cut off: its array is never closed; what came before was read")


def answer(document: bytes, names: Collection[bytes]) -> tuple[int, bytes] | None:
    """The (offset, bytes) of the records in what a service answers: an array of objects; None where there is none.

    The first that the object holds under one of `names`, itself or in an object within it, as in
    `{"response": {"docs": [{…}]}}`. One that is never closed goes to the end.
    """
    depth, inside = 0, 0  # how deep in all, and in arrays that are not looked into
    name, behind, start = b"", 0, -1
    for token in _TOKEN.finditer(document):
        mark = token.group()
        if mark.startswith(b'"'):
            name, behind = mark[1:-1], token.end()
        elif mark in (b"[", b"{"):
            named = name in names and document[behind : token.start()].strip() == b":"
            wanted = (
                named and not inside and depth <= _ANSWER_DEPTH and _OBJECTS.match(document, token.start())
            )
            if start < 0 and wanted:
                start, inside = token.start(), 0
            inside += inside > 0 or mark == b"["
            depth += 1
        elif mark in (b"]", b"}"):
            depth -= 1
            inside -= inside > 0
            if start >= 0 and not inside:
                return start, document[start : token.end()]
    return (start, document[start:]) if start >= 0 else None


class _Cut:
    """How far a document has been cut into records: where the next one starts, and how deep in it we are."""

    __slots__ = ("_depth", "_document", "_elements", "in_array", "start")

    def __init__(self, document: bytes) -> None:
        self._document = document
        self._depth = self._elements = self.start = 0
        self.in_array = False

    def at(self, mark: bytes, before: int, behind: int) -> tuple[int, bytes] | None:
        """The record that a mark at [before, behind) ends, None if it ends none."""
        if self._depth == 0 and self.in_array and mark in (b",", b"]"):
            return self._element(mark, before, behind)
        if mark == b"[" and self._opens_array(before):
            self.in_array, self.start, self._elements = True, behind, 0
        elif mark in (b"[", b"{"):
            self._depth += 1
        elif mark in (b"]", b"}"):
            return self._closed(behind)
        return None

    def _opens_array(self, before: int) -> bool:
        return not (self._depth or self.in_array or self._document[self.start : before].strip())

    def _element(self, mark: bytes, before: int, behind: int) -> tuple[int, bytes] | None:
        start = self.start
        is_one = self._document[start:before].strip() or self._elements or mark == b","
        self._elements += 1
        self.in_array, self.start = mark == b",", behind
        return _piece(self._document, start, before) if is_one else None

    def _closed(self, behind: int) -> tuple[int, bytes] | None:
        self._depth = max(0, self._depth - 1)
        if self._depth or self.in_array:
            return None
        start, self.start = self.start, behind
        return _piece(self._document, start, behind)


def _piece(document: bytes, start: int, end: int) -> tuple[int, bytes]:
    piece = document[start:end]
    return start + len(piece) - len(piece.lstrip()), piece.strip()
