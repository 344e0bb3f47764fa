"""One JSON record, from its bytes to its article."""

from __future__ import annotations

import json
from typing import Any

import orjson

from pipeline.record import Article
from pipeline.sources import json_structure
from pipeline.sources.decoding import Decoder
from pipeline.sources.formats.base import Intake, attempt
from pipeline.sources.limits import Limits
from pipeline.sources.problems import Reason, UnfitError, printable
from pipeline.sources.records import too_large

_LONGEST_DETAIL = 120


def json_article(record: bytes | None, decoder: Decoder, intake: Intake) -> Article | UnfitError:
    """The article of a record, None when it was too long to be held whole, or its problem."""
    if record is None:
        return too_large(None, intake.limits)
    return attempt(lambda: intake.article(parsed(record, intake.limits, decoder)))


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
