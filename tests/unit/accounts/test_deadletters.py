"""Which letters are meant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.accounts.deadletters import Selection, sendable
from pipeline.accounts.letterbox import letter_in
from pipeline.errors import Reason
from pipeline.kafka.scan import Scanned
from pipeline.record import DeadLetter
from pipeline.stages.base import Rejection
from pipeline.stream.incoming import Incoming, dead_letter

_NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)


def _letter(key: bytes | None = b"ferry", value: bytes | None = b"{", *, offset: int = 7) -> DeadLetter:
    message = Incoming("news.raw", 0, offset, key, value)
    return dead_letter("duplicates", message, Rejection(Reason.NOT_JSON, "?"), _NOON)


@pytest.mark.parametrize(
    ("selection", "taken"),
    [
        (Selection(), True),
        (Selection(status="discarded"), False),
        (Selection(letter_ids=frozenset({"news.raw/0/7/duplicates"})), True),
        (Selection(letter_ids=frozenset({"news.raw/0/8/duplicates"})), False),
        (Selection(article_ids=frozenset({"ferry"})), True),
        (Selection(reason="not-json", stage="duplicates"), True),
        (Selection(reason="not-json", stage="sink"), False),
        (Selection(since=_NOON, until=_NOON + timedelta(seconds=1)), True),
        (Selection(until=_NOON), False),
        (Selection(among=frozenset({"news.raw/0/7/duplicates"})), True),
        (Selection(among=frozenset()), False),
    ],
)
def test_every_field_that_is_set_must_fit(selection: Selection, taken: bool) -> None:
    assert selection.takes(_letter()) is taken


def test_what_has_nothing_to_send_back_is_left_and_named() -> None:
    junk = letter_in(Scanned("news.dead-letter", 0, 3, b"k", b"junk", 0))
    letters = [_letter(None, None), junk, _letter(None, b""), _letter(b"", None), _letter(b"k", b"v")]
    left: list[tuple[str, str]] = []

    assert list(sendable(letters, lambda letter, why: left.append((letter.letter_id, why)))) == letters[2:]
    assert [letter_id for letter_id, _ in left] == ["news.raw/0/7/duplicates", "news.dead-letter/0/3"]
    assert "neither key nor value" in left[0][1]
    assert "can't be read" in left[1][1]
