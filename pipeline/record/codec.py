"""Bytes to records and back: the one place that says why bytes are not a record.

Values of unknown fields come back as they were, as JSON values: numbers with a point or an exponent are doubles, and
what no double holds (1e999, NaN) comes back as null.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ValidationError

from pipeline.errors import PermanentError, Reason
from pipeline.record.article import Article
from pipeline.record.base import SCHEMA_VERSION
from pipeline.record.deadletter import DeadLetter
from pipeline.record.envelope import EnrichedArticle

_NAMED = 20  # wrong fields: more than any message has that was meant

Record = TypeVar("Record", bound=BaseModel)


def encode(record: BaseModel) -> bytes:
    """The record as UTF-8 JSON. Raises ValueError when it holds what no JSON holds."""
    return record.__pydantic_serializer__.to_json(record)


def decode_article(data: bytes | None) -> Article:
    """The article in a message. Raises PermanentError with the reason when there is none."""
    article = _decode(Article, data)
    if article.model_extra:  # an article has no version of its own; a message that says one means it
        version = _later(article.model_extra)
        if version is not None:
            raise _newer(version)
    return article


def decode_record(data: bytes | None) -> EnrichedArticle:
    """The record in a message. Raises PermanentError with the reason when there is none."""
    return _decode(EnrichedArticle, data)


def record_of(fields: Mapping[str, Any]) -> EnrichedArticle:
    """The record of its fields as Python's values, such as a store keeps. Raises PermanentError for a later major."""
    version = _later(fields)
    if version is not None:
        raise _newer(version)
    return EnrichedArticle.model_validate(fields)


def decode_dead_letter(data: bytes | None) -> DeadLetter:
    """The dead letter in a message. Raises PermanentError with the reason when there is none."""
    return _decode(DeadLetter, data)


def later_version(data: bytes | None) -> int | None:
    """The `schema_version` of a message when it is of a later major than this program reads, else None.

    Costs next to nothing for what this program has written.
    """
    if data is None or data.startswith(_OWN):
        return None
    try:
        return _later(orjson.loads(data))
    except orjson.JSONDecodeError:
        return None


_OWN = b'{"schema_version":%d,' % SCHEMA_VERSION


def _decode(model: type[Record], data: bytes | None) -> Record:
    if data is None:
        raise PermanentError(Reason.NOT_JSON, "the message has no value")
    try:
        return model.__pydantic_validator__.validate_json(data)  # type: ignore[no-any-return]
    except ValidationError as error:
        raise _why(data, error) from None


def _why(data: bytes, error: ValidationError) -> PermanentError:
    """Tell apart what the validator reports alike. Only reached for bytes that are wrong."""
    try:
        data.decode()
    except UnicodeDecodeError as bad:
        return PermanentError(Reason.BAD_ENCODING, f"not UTF-8: {bad.reason} at byte {bad.start}")
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as bad_json:
        return PermanentError(Reason.NOT_JSON, str(bad_json))
    version = _later(value)
    if version is not None:
        return _newer(version)
    problems = error.errors(include_input=False, include_url=False)
    named = "; ".join(
        f"{'.'.join(map(str, one['loc'])) or 'the message'}: {one['msg']}" for one in problems[:_NAMED]
    )
    more = f" (and {len(problems) - _NAMED} more)" if len(problems) > _NAMED else ""
    return PermanentError(Reason.WRONG_SCHEMA, f"{named}{more}")


def _later(value: object) -> int | None:
    version = value.get("schema_version") if isinstance(value, Mapping) else None
    return version if isinstance(version, int) and version > SCHEMA_VERSION else None


def _newer(version: int) -> PermanentError:
    return PermanentError(
        Reason.NEWER_SCHEMA,
        f"schema_version {version}, but this version reads up to {SCHEMA_VERSION}: upgrade",
    )
