"""One JSON record, from its bytes to its article."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import orjson

from pipeline.record import Article
from pipeline.sources import json_structure
from pipeline.sources.aliases import ANSWERS
from pipeline.sources.decoding import Decoder
from pipeline.sources.formats.base import Intake, attempt
from pipeline.sources.limits import Limits
from pipeline.sources.problems import Reason, UnfitError, printable
from pipeline.sources.records import too_large

_LONGEST_DETAIL = 120
_NO_RECORD = frozenset((Reason.NO_TEXT, Reason.NOT_JSON, Reason.TOO_COMPLEX, Reason.TOO_LARGE))


def json_article(record: bytes | None, decoder: Decoder, intake: Intake) -> Article | UnfitError:
    """The article of a record, None when it was too long to be held whole, or its problem."""
    if record is None:
        return too_large(None, intake.limits)
    return attempt(lambda: intake.article(parsed(record, intake.limits, decoder)))


def json_articles(
    record: bytes | None, decoder: Decoder, intake: Intake
) -> Iterator[tuple[int, Article | UnfitError]]:
    """The article of a record, or the articles of what a service answered, each with its offset in the record.

    Args:
        record: its bytes, None when it was too long to be held whole.
        decoder: that of the file.
        intake: makes articles.
    """
    too_long = record is None or len(record) > intake.limits.max_record_bytes
    found = json_article(None if too_long else record, decoder, intake)
    answer = None
    if record is not None and isinstance(found, UnfitError) and found.reason in _NO_RECORD:
        answer = json_structure.answer(record, ANSWERS)
    if answer is None:
        yield 0, found
        return
    start, array = answer
    try:
        for offset, element in json_structure.records(array):
            yield start + offset, json_article(element, decoder, intake)
    except UnfitError as cut_off:
        yield start + len(array), cut_off


def parsed(record: bytes, limits: Limits, decoder: Decoder | None = None) -> Any:
    """The value of a JSON text. Raises UnfitError: it is none, or nested or filled beyond the limits."""
    decoder = decoder or Decoder()
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
