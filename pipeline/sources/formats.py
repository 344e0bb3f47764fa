"""One function a format: chunks of bytes in; for each record, its line and an article or its problem out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from pipeline.record import Article
from pipeline.sources import json_structure
from pipeline.sources.decoding import Decoder
from pipeline.sources.limits import Limits
from pipeline.sources.problems import Reason, UnfitError, printable
from pipeline.sources.records import from_record, from_text, too_large
from pipeline.sources.streams import lines, whole

# UTF-16 and the double-byte encodings take at most this many bytes where UTF-8 takes one.
_WIDEST = 2
_HEADING_MARK = re.compile(r"\A#{1,6}[^\S\n]+")
_LONGEST_DETAIL = 120


@dataclass(frozen=True, slots=True)
class Intake:
    """What every record of a run needs to become an article."""

    limits: Limits
    source: str | None
    now: Callable[[], datetime]
    qualify_ids: bool = False


Found = tuple[int | None, Article | UnfitError]
"""The line of a record, None where the file is one article, and what became of it."""
Format = Callable[[Iterable[bytes], Intake], Iterator[Found]]


def read_text(pieces: Iterable[bytes], intake: Intake) -> Iterator[Found]:
    """A plain text: headline, blank line, paragraphs."""
    yield None, _attempt(lambda: from_text(_all_text(pieces, intake.limits), **_options(intake)))


def read_markdown(pieces: Iterable[bytes], intake: Intake) -> Iterator[Found]:
    """A plain text whose headline may be marked as a heading; the mark is no part of the text."""
    yield (
        None,
        _attempt(
            lambda: from_text(_HEADING_MARK.sub("", _all_text(pieces, intake.limits)), **_options(intake))
        ),
    )


def read_json_lines(pieces: Iterable[bytes], intake: Intake) -> Iterator[Found]:
    """One JSON object a line, read line by line; blank lines are skipped."""
    decoder = Decoder()
    empty = True
    for number, line in lines(pieces, intake.limits.max_record_bytes):
        if line is None or line.strip():
            empty = False
            yield number, _json_article(line, decoder, intake)
    if empty:
        yield None, _empty()


def read_json(pieces: Iterable[bytes], intake: Intake) -> Iterator[Found]:
    """One JSON object, or an array of them, or several one after the other."""
    limit = intake.limits.max_document_bytes
    document = whole(pieces, limit)
    if document is None:
        yield (
            None,
            UnfitError(
                Reason.TOO_LARGE,
                f"is a JSON document of more than {limit:,} bytes; write JSON lines, which are streamed",
            ),
        )
        return
    decoder = Decoder()
    document = decoder.decode(document).encode()
    empty, number, seen = True, 1, 0
    for offset, record in json_structure.records(document):
        empty = False
        number, seen = number + document.count(b"\n", seen, offset), offset
        too_long = len(record) > intake.limits.max_record_bytes
        yield number, _json_article(None if too_long else record, decoder, intake)
    if empty:
        yield None, _empty()


def _json_article(record: bytes | None, decoder: Decoder, intake: Intake) -> Article | UnfitError:
    if record is None:
        return too_large(None, intake.limits)
    return _attempt(
        lambda: from_record(
            _parsed(record, decoder, intake.limits), **_options(intake), qualify_ids=intake.qualify_ids
        )
    )


def _parsed(record: bytes, decoder: Decoder, limits: Limits) -> Any:
    json_structure.check(record, limits)
    try:
        return orjson.loads(record)
    except orjson.JSONDecodeError:
        # NaN, surrogate escapes and legacy encodings are no strict JSON, but there. And the error is clearer.
        return _leniently_parsed(decoder.decode(record))


def _leniently_parsed(record: str) -> Any:
    try:
        return json.loads(record)
    except json.JSONDecodeError as error:
        near = printable(record[max(0, error.pos - 10) : error.pos + 10])
        problem = f"is not valid JSON: {error.msg} at character {error.pos + 1}, near {near!r}"
    except ValueError as error:  # a number of more digits than Python converts
        problem = f"is not valid JSON: {str(error)[:_LONGEST_DETAIL]}"
    raise UnfitError(Reason.NOT_JSON, problem)


def _all_text(pieces: Iterable[bytes], limits: Limits) -> str:
    data = whole(pieces, _WIDEST * limits.max_article_bytes)
    if data is None:
        raise too_large(None, limits)
    if not data:
        raise _empty()
    return Decoder().decode(data)


def _options(intake: Intake) -> dict[str, Any]:
    return {"limits": intake.limits, "source": intake.source, "now": intake.now}


def _attempt(read: Callable[[], Article]) -> Article | UnfitError:
    try:
        return read()
    except UnfitError as problem:
        return problem


def _empty() -> UnfitError:
    return UnfitError(Reason.EMPTY, "is empty; there is no article in it")
