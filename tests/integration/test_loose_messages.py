"""Messages of programs that do not write our form, through a worker: what is stored, and what the ledger says."""

from __future__ import annotations

import json
from contextlib import closing
from itertools import islice

import pytest
from kafka import KafkaConsumer

from pipeline.errors import Reason
from pipeline.flow import Topic
from pipeline.kafka.admin import connection
from pipeline.kafka.publisher import Publisher
from pipeline.kafka.topics import topic_name
from pipeline.settings import Settings
from pipeline.stores.base import configured_store
from tests.integration.conftest import NewPipeline
from tests.support.faults import Marker
from tests.support.waiting import eventually

pytestmark = pytest.mark.long

_BODY = "The ferry came an hour late on Monday, and nobody on the quay could say why it was so."


_TRACE = {
    "traceparent": b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "tracestate": b"desk=fenmouth",
}


def _headers(settings: Settings, topic: Topic, count: int) -> list[dict[str, bytes]]:
    """Those of so many messages of a topic."""
    consumer = KafkaConsumer(
        topic_name(settings, topic),
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        **connection(settings),
    )
    with closing(consumer):
        return [dict(message.headers) for message in islice(consumer, count)]


def test_loose_messages_are_stored_and_accounted_for(new_pipeline: NewPipeline) -> None:
    pipeline = new_pipeline()
    messages = [
        (b"by-key", {"headline": "Ferry late", "content": _BODY, "publishedAt": "2031-05-04"}),
        (None, {"id": 17, "text": f"{_BODY} So it was in March.", "desk": "coast", "lang": "English"}),
        (None, {"url": "https://courier.example/bridge", "body": f"{_BODY} The bridge was shut."}),
        (None, {"id": "undated", "text": f"{_BODY} Or was it?", "date": "3/4/2031"}),
        (b"told", {"text": f"{_BODY} {Marker.TELL}"}),
    ]
    with Publisher(pipeline.settings) as publisher:
        for key, message in messages:
            value = json.dumps(message).encode()
            publisher.send(topic_name(pipeline.settings, Topic.RAW), key, value, list(_TRACE.items()))
    pipeline.faulty_worker("duplicates", "entities", "quotes", "sink", options=["--light"]).wait_ready()

    ledger = pipeline.await_closed()

    assert (ledger.accepted, ledger.stored, ledger.dead_lettered) == (5, 3, 2)
    with closing(configured_store(pipeline.settings, read_only=True)) as store:
        ids = [article_id for article_id, _ in store.versions.all()]
        stored = {article_id: record.article for article_id in ids if (record := store.article(article_id))}
    assert {"by-key", "17"} < stored.keys()
    assert (stored["by-key"].title, stored["17"].language) == ("Ferry late", "en")
    assert {article.source for article in stored.values()} == {"local", "courier.example"}
    letters = {letter.reason: letter for letter in pipeline.letters()}
    assert "published_at: '3/4/2031'" in letters[Reason.WRONG_SCHEMA].error

    date = ("--set", "date=2031-04-03")
    mended = pipeline.run("dead-letters", "edit", letters[Reason.WRONG_SCHEMA].letter_id, *date)
    assert mended.returncode == 0, mended.stderr
    assert eventually(lambda: pipeline.ledger().stored == 4)
    pipeline.await_closed()

    for topic, schema, count in ((Topic.ENRICHED, b"record/1", 4), (Topic.DEAD_LETTER, b"dead-letter/1", 2)):
        sent = _headers(pipeline.settings, topic, count)
        assert [headers["pipeline-schema"] for headers in sent] == [schema] * count
        assert [{name: headers[name] for name in _TRACE} for headers in sent] == [_TRACE] * count
