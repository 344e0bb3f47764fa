"""A sender whose broker goes away and comes back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.errors import TransientError
from pipeline.kafka.admin import Admin
from pipeline.kafka.embedded import EmbeddedBroker
from pipeline.kafka.publisher import ArticleProducer, Delivery, Publisher
from pipeline.kafka.scan import scan
from pipeline.kafka.topics import Topic, topic_name
from pipeline.record.codec import decode_article
from pipeline.settings import Settings
from pipeline.watch.faults import Fault
from tests.support.articles import articles

pytestmark = pytest.mark.long


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[EmbeddedBroker]:
    """One that keeps what it holds, and forgets who sent it."""
    with EmbeddedBroker(tmp_path / "broker.log", data=tmp_path / "data") as started:
        yield started


@pytest.fixture
def settings(broker: EmbeddedBroker) -> Settings:
    found = Settings.load(bootstrap_servers=broker.address, replication_factor=1)
    with Admin(found) as admin:
        admin.ensure_topics()
    return found


def _ids(settings: Settings) -> list[str]:
    return [decode_article(message.value).article_id for message in scan(settings, Topic.RAW)]


def test_what_was_under_way_when_the_broker_restarted_is_sent_again(
    broker: EmbeddedBroker, settings: Settings
) -> None:
    before, under_way, after = ([*articles(5, start=start)] for start in (0, 5, 10))
    said: list[str] = []
    with Publisher(settings, faults=Fault("the broker", said.append, counted=False), waits=True) as sending:
        producer = ArticleProducer(settings, sending)
        for article in before:
            producer.send(article)
        sending.flush()
        broker.stop()
        for article in under_way:
            producer.send(article)
        sending.flush(0.1)
        assert (sending.under_way, sending.acknowledged) == (5, 5)
        while not said:
            sending.flush(0.1)
        broker.start()
        for article in after:
            producer.send(article)
        sending.flush()

        assert (sending.accepted, sending.lost, sending.under_way) == (15, [], 0)
        assert sending.acknowledged == 15

    found = _ids(settings)
    assert list(dict.fromkeys(found)) == [one.article_id for one in (*before, *under_way, *after)]
    first, *_, last = said
    assert first.startswith("the broker: has taken nothing for 1")
    assert last.startswith("the broker: works again after ")


def test_a_sender_that_is_to_end_waits_for_no_broker(broker: EmbeddedBroker, settings: Settings) -> None:
    stop = threading.Event()
    with Publisher(settings, waits=True, stop=stop) as sending:
        deliver = Delivery(ArticleProducer(settings, sending), sending)
        broker.stop()
        threading.Timer(1.0, stop.set).start()
        with pytest.raises(TransientError, match="2 articles were not acknowledged"):
            deliver([*articles(2)])
    broker.start()


def test_what_is_acknowledged_ends_before_what_was_lost(settings: Settings) -> None:
    too_large = b"x" * (2 * settings.max_message_bytes + 1)
    topic = topic_name(settings, Topic.RAW)
    with Publisher(settings) as sending:
        for value in (b"1", b"2", too_large, b"4", too_large, b"6"):
            sending.send(topic, b"key", value)
        sending.flush()
        assert (sending.accepted, len(sending.lost), sending.acknowledged) == (4, 2, 2)
