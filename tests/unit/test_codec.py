from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.codec import decode_article, decode_record, encode
from pipeline.errors import PermanentError, Reason
from tests.unit.builders import article, record


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
    with pytest.raises(PermanentError, match=r"source: .*and 1 more"):
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
