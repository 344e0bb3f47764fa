"""Bytes to records and back: the one place that says why bytes are not a record."""

from __future__ import annotations

from typing import TypeVar

import orjson
from pydantic import BaseModel, ValidationError

from pipeline.errors import PermanentError, Reason
from pipeline.record.article import Article
from pipeline.record.base import SCHEMA_VERSION
from pipeline.record.deadletter import DeadLetter
from pipeline.record.envelope import EnrichedArticle

Record = TypeVar("Record", bound=BaseModel)


def encode(record: BaseModel) -> bytes:
    """The record as UTF-8 JSON."""
    return record.model_dump_json().encode()


def decode_article(data: bytes | None) -> Article:
    """The article in a message. Raises PermanentError with the reason when there is none."""
    return _decode(Article, data)


def decode_record(data: bytes | None) -> EnrichedArticle:
    """The record in a message. Raises PermanentError with the reason when there is none."""
    return _decode(EnrichedArticle, data)


def decode_dead_letter(data: bytes | None) -> DeadLetter:
    """The dead letter in a message. Raises PermanentError with the reason when there is none."""
    return _decode(DeadLetter, data)


def _decode(model: type[Record], data: bytes | None) -> Record:
    if data is None:
        raise PermanentError(Reason.NOT_JSON, "the message has no value")
    try:
        return model.model_validate_json(data)
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
    version = value.get("schema_version") if isinstance(value, dict) else None
    if isinstance(version, int) and version > SCHEMA_VERSION:
        return PermanentError(
            Reason.NEWER_SCHEMA,
            f"schema_version {version}, but this version reads up to {SCHEMA_VERSION}: upgrade",
        )
    problems = error.errors(include_input=False, include_url=False)
    first = problems[0]
    where = ".".join(map(str, first["loc"])) or "the message"
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return PermanentError(Reason.WRONG_SCHEMA, f"{where}: {first['msg']}{more}")
