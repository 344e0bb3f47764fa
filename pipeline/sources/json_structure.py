"""The outline of JSON without parsing it: how deep, how many values, where the records are."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.sources.limits import Limits
from pipeline.sources.problems import Reason, UnfitError

# A whole string, or a mark of structure. Nothing backtracks, and an unclosed string runs to the end, so that
# hostile input takes linear time.
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\(?s:.|\Z)[^"\\]*+)*+(?:"|\Z)|[\[\]{},]')


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
    start = depth = elements = 0
    in_array = False
    for token in _TOKEN.finditer(document):
        mark = token.group()
        if depth == 0 and not in_array and mark == b"[" and not document[start : token.start()].strip():
            in_array, start, elements = True, token.end(), 0
        elif depth == 0 and in_array and mark in (b",", b"]"):
            piece = document[start : token.start()]
            if piece.strip() or elements or mark == b",":
                yield _piece(document, start, token.start())
            elements += 1
            in_array, start = mark == b",", token.end()
        elif mark in (b"[", b"{"):
            depth += 1
        elif mark in (b"]", b"}"):
            depth = max(0, depth - 1)
            if depth == 0 and not in_array:
                yield _piece(document, start, token.end())
                start = token.end()
    if document[start:].strip():
        yield _piece(document, start, len(document))
    if in_array:
        raise UnfitError(Reason.NOT_JSON, "is cut off: its array is never closed; what came before was read")


def _piece(document: bytes, start: int, end: int) -> tuple[int, bytes]:
    piece = document[start:end]
    return start + len(piece) - len(piece.lstrip()), piece.strip()
