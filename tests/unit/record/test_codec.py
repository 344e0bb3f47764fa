from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy as copy_of
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import PermanentError, Reason
from pipeline.record import DeadLetter
from pipeline.record.codec import decode_article, decode_dead_letter, decode_record, encode
from tests.unit.builders import NOON, article, record

_LETTER = DeadLetter(
    letter_id="news.raw/0/7/duplicates",
    article_id="ferry",
    stage="duplicates",
    topic="news.raw",
    partition=0,
    offset=7,
    key=b"Zg==",
    value=b"aGk=",
    reason=Reason.NOT_JSON,
    error="?",
    attempts=1,
    failed_at=NOON,
)


def test_what_is_encoded_is_decoded_again() -> None:
    assert decode_article(encode(article())) == article()
    assert decode_record(encode(record())) == record()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (None, Reason.NOT_JSON),
        (b"", Reason.NOT_JSON),
        (b"{broken", Reason.NOT_JSON),
        (b"\xff\xfe{}", Reason.BAD_ENCODING),
        (b"[]", Reason.WRONG_SCHEMA),
        (b"{}", Reason.WRONG_SCHEMA),
        (b'{"schema_version": 2, "new": "field"}', Reason.NEWER_SCHEMA),
        (b"[" * 100_000, Reason.NOT_JSON),
    ],
)
def test_the_reason_tells_what_is_wrong(data: bytes | None, reason: Reason) -> None:
    with pytest.raises(PermanentError) as caught:
        decode_record(data)
    assert caught.value.reason is reason


def test_the_detail_names_the_field_and_how_many_more_are_wrong() -> None:
    value = json.loads(encode(article()))
    del value["text"], value["source"]
    with pytest.raises(PermanentError, match=r"source: .*; "):
        decode_article(json.dumps(value).encode())


def test_the_detail_never_repeats_the_content() -> None:
    value = json.loads(encode(article())) | {"language": ["canary-word"]}
    with pytest.raises(PermanentError) as caught:
        decode_article(json.dumps(value).encode())
    assert "canary-word" not in str(caught.value)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_record_or_a_reason(data: bytes) -> None:
    try:
        decode_record(data)
    except PermanentError as error:
        assert error.reason in Reason  # noqa: PT017 - either way is right


_HOSTILE = (
    '"0001-01-01T00:00:00+14:00"',
    '"9999-12-31T23:59:59-14:00"',
    '"0000-01-01T00:00:00Z"',
    '"2025-01-01T00:00:00+24:00"',
    "1e308",
    "1e400",
    "NaN",
    "-Infinity",
    "9" * 400,
    "9" * 5000,
    '"\\ud800"',
    '"\\u0000"',
    '"' + "a" * 300 + '"',
    "[]",
    "{}",
    "null",
    "true",
    "[" * 150 + "]" * 150,
    '{"a":' * 300 + "1" + "}" * 300,
)


def _everywhere(value: Any, literal: str) -> Iterator[str]:
    """The JSON of a value with the literal in the place of each of its parts in turn."""
    yield literal
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        for changed in _everywhere(inner, literal):
            copy = copy_of(value)
            copy[key] = "@"
            yield json.dumps(copy).replace('"@"', changed)


@pytest.mark.parametrize("literal", _HOSTILE, ids=lambda literal: literal[:28])
def test_whatever_stands_in_a_field_is_a_value_or_a_reason(literal: str) -> None:
    whole = {name: json.loads(encode(found)) for name, found in (("record", record()), ("letter", _LETTER))}
    for part in (whole["record"], whole["record"]["article"], whole["letter"]):
        part["unknown"] = "x"
    for decode, value in (
        (decode_record, whole["record"]),
        (decode_article, whole["record"]["article"]),
        (decode_dead_letter, whole["letter"]),
    ):
        for changed in _everywhere(value, literal):
            try:
                assert decode(encode(decode(changed.encode()))), "what is taken can be sent on"
            except PermanentError as error:
                str(error).encode()


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_time_that_no_calendar_has_in_utc_is_a_wrong_schema(moment: str) -> None:
    value = json.loads(encode(article())) | {"published_at": moment}
    with pytest.raises(PermanentError, match=r"wrong-schema: published_at: .*years 1 to 9999"):
        decode_article(json.dumps(value).encode())
