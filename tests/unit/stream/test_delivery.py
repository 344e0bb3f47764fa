"""Whatever a topic takes, something of each message arrives."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.accounts.ledger import identity
from pipeline.errors import Reason, TransientError
from pipeline.kafka.scan import Scanned
from pipeline.record import DeadLetter, Omission
from pipeline.record.codec import decode_dead_letter, encode
from pipeline.stages.base import Rejection
from pipeline.stream.delivery import Delivery, Fate, lightened
from pipeline.stream.incoming import Incoming, dead_letter
from pipeline.stream.outbox import Outgoing
from tests.support.articles import article

_LETTERS = "news.dead-letter"


class Topic:
    """Takes messages up to a size that is only found out by sending."""

    def __init__(self, limit: int, declared: int = 10**9) -> None:
        self.limit, self.declared = limit, declared
        self.taken: list[Outgoing] = []
        self.asked = 0

    def too_large(self, message: Outgoing) -> bool:
        return len(message.value) > self.declared

    async def send(self, messages: Sequence[Outgoing]) -> list[int]:
        self.asked += 1
        refused = [number for number, one in enumerate(messages) if len(one.value) > self.limit]
        self.taken += [one for number, one in enumerate(messages) if number not in refused]
        return refused


def _message(key: bytes | None = b"ferry", value: bytes | None = b"{", offset: int = 7) -> Incoming:
    return Incoming("news.raw", 0, offset, key, value)


def _letter(message: Incoming, rejection: Rejection | None = None) -> DeadLetter:
    return dead_letter(
        "sink", message, rejection or Rejection(Reason.NOT_JSON, "?"), datetime(2026, 3, 1, tzinfo=UTC)
    )


def _result(message: Incoming, size: int) -> Fate:
    return Fate("done", Outgoing("next", b"k", b"r" * size), instead=lambda why: _letter(message, why))


def _sent(topic: Topic, *fates: Fate) -> list[Fate]:
    delivery = Delivery(topic, _LETTERS)
    return asyncio.run(delivery.send(fates))


def _dead(message: Incoming) -> Fate:
    return Delivery(Topic(0), _LETTERS).dead(_letter(message))


def test_what_fits_is_sent_as_it_is_and_at_once() -> None:
    topic = Topic(5_000)
    fates = (_result(_message(), 100), Fate("stored"), _dead(_message()))
    assert _sent(topic, *fates) == list(fates)
    assert (topic.asked, len(topic.taken)) == (1, 2)


def test_a_result_that_the_topic_refuses_becomes_a_letter_and_its_neighbours_go_through() -> None:
    topic = Topic(5_000)
    fates = _sent(
        topic, _result(_message(), 10), _result(_message(value=b"{}"), 5_001), _result(_message(), 20)
    )
    assert [fate.outcome for fate in fates] == ["done", "dead_letter", "done"]
    letter = decode_dead_letter(topic.taken[-1].value)
    assert (letter.reason, letter.error, letter.value) == (
        Reason.TOO_LARGE,
        "its result is a message of 5001 bytes",
        b"{}",
    )


def test_a_letter_that_the_topic_refuses_is_sent_without_its_value() -> None:
    topic, value = Topic(5_000), b"a" * 20_000
    (fate,) = _sent(topic, _dead(_message(value=value)))
    letter = decode_dead_letter(topic.taken[0].value)
    assert letter == fate.letter
    assert (letter.key, letter.value, letter.omitted_value) == (b"ferry", None, Omission.of(value))
    assert (letter.topic, letter.partition, letter.offset, letter.article_id) == ("news.raw", 0, 7, "ferry")


def test_a_key_that_does_not_fit_is_left_out_last() -> None:
    topic, key = Topic(5_000), b"k" * 9_000
    _sent(topic, _dead(_message(key=key, value=b"v")))
    letter = decode_dead_letter(topic.taken[0].value)
    assert (letter.key, letter.omitted_key) == (None, Omission.of(key))
    assert (letter.value, letter.omitted_value) == (None, Omission.of(b"v"))


def test_a_result_and_its_letter_may_both_be_too_large() -> None:
    topic = Topic(5_000)
    _sent(topic, _result(_message(value=b"a" * 5_000), 10_000))
    assert decode_dead_letter(topic.taken[0].value).omitted_value == Omission.of(b"a" * 5_000)


def test_the_broker_is_not_asked_about_what_is_known_to_be_too_large() -> None:
    topic = Topic(10**9, declared=5_000)
    _sent(topic, _dead(_message(value=b"a" * 20_000)))
    assert topic.asked == 1
    assert decode_dead_letter(topic.taken[0].value).value is None


def test_a_topic_that_takes_nothing_is_waited_for() -> None:
    with pytest.raises(TransientError, match=r"news\.dead-letter does not take the smallest dead letter"):
        _sent(Topic(100), _dead(_message()))


@given(key=st.none() | st.binary(max_size=1_100), value=st.none() | st.binary(max_size=50))
def test_a_lighter_letter_is_known_by_the_same_name(key: bytes | None, value: bytes | None) -> None:
    scanned = Scanned("news.raw", 0, 7, key, value, 0)
    letter: DeadLetter | None = _letter(_message(key, value))
    while letter is not None:
        assert identity(decode_dead_letter(encode(letter))) == identity(scanned)
        letter = lightened(letter)


def test_an_article_without_a_key_is_known_by_its_id_when_it_is_left_out() -> None:
    value = encode(article(3))
    letter = lightened(_letter(_message(None, value)))
    assert letter is not None
    assert letter.value is None
    assert identity(letter) == identity(Scanned("news.raw", 0, 7, None, value, 0)) == article(3).article_id
