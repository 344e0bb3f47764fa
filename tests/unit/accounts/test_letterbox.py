"""Whatever lies on the dead-letter topic is a letter, or one about itself."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.accounts.letterbox import is_letter, letter_in
from pipeline.errors import Reason
from pipeline.kafka.scan import Scanned
from pipeline.record import DeadLetter
from pipeline.record.codec import decode_dead_letter, encode

_NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)
_LETTER = DeadLetter(
    letter_id="news.raw/0/7/duplicates",
    article_id="ferry",
    stage="duplicates",
    topic="news.raw",
    partition=0,
    offset=7,
    key=None,
    value=None,
    reason=Reason.NOT_JSON,
    error="?",
    attempts=1,
    failed_at=_NOON,
)


def _message(value: bytes | None, *, key: bytes | None = b"k", timestamp: int = 1_748_779_200_000) -> Scanned:
    return Scanned("news.dead-letter", 0, 5, key, value, timestamp)


def _changed(**fields: object) -> bytes:
    return orjson.dumps({**orjson.loads(encode(_LETTER)), **fields})


def test_a_letter_is_itself() -> None:
    assert letter_in(_message(encode(_LETTER))) == _LETTER
    assert is_letter(_LETTER)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (None, "not-json: the message has no value"),
        (b"", "not-json"),
        (b"\xff", "bad-encoding"),
        (b'{"article_id": "ferry"}', "wrong-schema"),
        (_changed(schema_version=2), "newer-schema: schema_version 2"),
        (_changed(reason="of-a-later-version"), "wrong-schema: reason"),
        (_changed(failed_at="0001-01-01T00:00:00+14:00"), "wrong-schema: failed_at"),
        (_changed(value=7), "wrong-schema: value"),
        (b"[" * 50_000, "not-json"),
    ],
)
def test_what_is_no_letter_is_one_about_itself_by_its_place(value: bytes | None, says: str) -> None:
    letter = letter_in(_message(value))
    assert not is_letter(letter)
    assert (letter.letter_id, letter.reason, letter.status) == (
        "news.dead-letter/0/5",
        Reason.NOT_A_LETTER,
        "open",
    )
    assert (letter.key, letter.value, letter.article_id) == (b"k", value, None)
    assert letter.failed_at == _NOON
    assert says in letter.error


@given(value=st.none() | st.binary(max_size=200), timestamp=st.integers(-(2**63), 2**63 - 1))
@example(value=None, timestamp=2**63 - 1)
def test_nothing_that_can_be_on_the_topic_stops_its_reader(value: bytes | None, timestamp: int) -> None:
    letter = letter_in(_message(value, timestamp=timestamp))
    assert decode_dead_letter(encode(letter)) == letter
