"""The upgrade from a version that was released, with what that version wrote (tests/support/keep_release.py)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from kafka import KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic
from kafka.structs import OffsetAndMetadata
from sqlalchemy import make_url, text

from pipeline.flow import FLOW
from pipeline.kafka.admin import Admin, connection
from pipeline.kafka.scan import scan
from pipeline.kafka.topics import Topic, topic_name
from pipeline.record import EnrichedArticle, LogPosition
from pipeline.record.codec import decode_article, decode_dead_letter, decode_record, encode
from pipeline.stores.base import Store, open_store
from pipeline.stores.sql.database import connect, writing
from pipeline.stores.sql.migrate import is_current
from tests.support.articles import article
from tests.support.brokers import Broker
from tests.support.fields import lost
from tests.support.pipelines import LivePipeline

_RELEASES = Path(__file__).parent / "releases"
_CENTURY = 24 * 36_525  # hours: what a version wrote is not to be deleted for being old

JsonObject = dict[str, Any]


@pytest.fixture(params=sorted(folder.name for folder in _RELEASES.iterdir() if folder.is_dir()))
def release(request: pytest.FixtureRequest) -> Path:
    """The folder of what a released version wrote."""
    return _RELEASES / str(request.param)


@pytest.fixture
def earlier_url(release: Path, database_kind: str, database_url: str) -> str:
    """A store as that version left it."""
    return _restored(release, database_kind, database_url)


def _restored(release: Path, kind: str, url: str) -> str:
    statements = (release / f"{kind}.sql").read_text(encoding="utf-8")
    parts = make_url(url)
    if kind == "sqlite":
        database = sqlite3.connect(str(parts.database))
        database.executescript(statements)
        database.close()
    else:
        with psycopg.connect(host=str(parts.query["host"]), user="postgres", dbname=parts.database) as opened:
            opened.execute(statements.encode())
    return url


def _messages(release: Path, topic: Topic) -> list[JsonObject]:
    held = json.loads((release / "topics.json").read_text(encoding="utf-8"))
    return [message for partition in held["topics"][topic] for message in partition]


def _standing(release: Path, store: Store) -> dict[str, JsonObject]:
    """The last enriched message of each article that is stored."""
    found = {message["key"]: json.loads(message["value"]) for message in _messages(release, Topic.ENRICHED)}
    stored = {article_id for article_id, _ in store.versions.all()}
    return {article_id: record for article_id, record in found.items() if article_id in stored}


@pytest.fixture
def upgraded(earlier_url: str) -> Iterator[Store]:
    store = open_store(earlier_url)
    store.upgrade()
    yield store
    store.close()


def test_a_store_of_that_version_is_brought_up_to_date_once(earlier_url: str) -> None:
    engine = connect(earlier_url)
    assert not is_current(engine)
    for _ in range(2):
        store = open_store(earlier_url)
        store.upgrade()
        store.close()
        assert is_current(engine)
    engine.dispose()


def test_what_was_stored_then_is_given_back_whole(release: Path, upgraded: Store) -> None:
    standing = _standing(release, upgraded)
    assert len(standing) >= 9
    for article_id, record in standing.items():
        found = upgraded.article(article_id)
        assert found is not None
        assert list(lost(record, json.loads(encode(found)))) == []


def test_what_was_stored_then_is_found_by_every_search(release: Path, upgraded: Store) -> None:
    records = _standing(release, upgraded)
    searches = upgraded.searches
    assert searches is not None
    quoted = [
        (article_id, quote["speaker"]["name"])
        for article_id, record in records.items()
        for quote in record["quotes"]
        if quote["speaker"] and record["duplicate"]["verdict"] in ("original", "revision")
    ]
    assert quoted
    for article_id, speaker in quoted:
        assert article_id in {one.article_id for one in searches.find_quotes(speaker=speaker)}
    named = {entity["name"] for record in records.values() for entity in record["entities"]}
    assert {entity.name for entity in searches.top_entities(limit=100)} <= named
    for name in named:
        assert searches.articles_naming(name)
    assert {one.article_id for one in searches.newest_articles(limit=100)} == set(records)
    copy = next(record for record in records.values() if record["duplicate"]["verdict"] == "exact")
    _, members = searches.cluster_of(copy["article"]["article_id"]) or ("", [])
    assert {member.article_id for member in members} >= {
        copy["article"]["article_id"],
        copy["duplicate"]["duplicate_of"],
    }


def test_what_comes_again_changes_nothing_and_a_correction_takes_its_place(
    release: Path, upgraded: Store
) -> None:
    records = [decode_record(json.dumps(record).encode()) for record in _standing(release, upgraded).values()]
    once = upgraded.write(records)  # entities may have other keys now, by which this version finds them
    assert (once.inserted, once.stale, dict(once.rejections)) == (0, 0, {})
    assert upgraded.write(records).unchanged == len(records)
    last = records[-1]
    corrected = last.article.model_copy(update={"text": f"{last.article.text}\n\nCorrected since."})
    position = LogPosition(log="{log-raw}", offset=1_000)
    written = upgraded.write([_without_findings(last, corrected.text)], [position])
    assert written.updated == 1
    found = upgraded.article(last.article.article_id)
    assert found is not None
    assert found.article.text == corrected.text


def _without_findings(record: EnrichedArticle, text: str) -> EnrichedArticle:
    article = record.article.model_copy(update={"text": text})
    return record.model_copy(update={"article": article, "entities": (), "quotes": ()})


@pytest.mark.parametrize("topic", [Topic.RAW, Topic.DEDUPLICATED, Topic.WITH_ENTITIES, Topic.ENRICHED])
def test_messages_of_that_version_are_read_and_lose_nothing(release: Path, topic: Topic) -> None:
    decode = decode_article if topic is Topic.RAW else decode_record
    messages = [message for message in _messages(release, topic) if message["key"] != "broken"]
    assert messages
    for message in messages:
        found = encode(decode(message["value"].encode()))
        assert list(lost(json.loads(message["value"]), json.loads(found))) == []


def test_letters_of_that_version_are_read(release: Path) -> None:
    (letter,) = (decode_dead_letter(m["value"].encode()) for m in _messages(release, Topic.DEAD_LETTER))
    assert (letter.stage, letter.reason, letter.value) == ("duplicates", "not-json", b'{"article_id": "bro')


class _Earlier(LivePipeline):
    """A pipeline whose topics, groups and store are as that version left them; entered, it is upgraded."""

    def restore(self, release: Path, kind: str) -> None:
        """Before it is entered: make all that is there."""
        options = connection(self.settings)
        held = (release / "topics.json").read_text(encoding="utf-8").replace("{prefix}", self.name)
        topics: dict[str, list[list[JsonObject]]] = json.loads(held)["topics"]
        admin = KafkaAdminClient(**options)
        # Times as they were; a label has the fingerprint of a message with its time in it.
        config = {"message.timestamp.type": "CreateTime", "cleanup.policy": "delete", "retention.ms": "-1"}
        admin.create_topics(
            [
                NewTopic(topic_name(self.settings, Topic(topic)), len(partitions), 1, topic_configs=config)
                for topic, partitions in topics.items()
            ]
        )
        producer = KafkaProducer(**options)
        for topic, partitions in topics.items():
            for number, messages in enumerate(partitions):
                for message in messages:
                    producer.send(
                        topic_name(self.settings, Topic(topic)),
                        key=message["key"].encode(),
                        value=message["value"].encode(),
                        headers=[(name, value.encode()) for name, value in message["headers"]],
                        partition=number,
                        timestamp_ms=message["at"],
                    )
        producer.close()
        logs = {f"{{log-{topic}}}": self._log_of(Topic(topic)) for topic in topics}
        for placeholder, log in logs.items():
            held = held.replace(placeholder, log)
        for stage, offsets in json.loads(held)["committed"].items():
            name = topic_name(self.settings, FLOW.sources[stage])
            places = {
                TopicPartition(name, int(number)): OffsetAndMetadata(offset, label or "", -1)
                for number, (offset, label) in offsets.items()
            }
            admin.alter_group_offsets(self.settings.group(stage), places)
        admin.close()
        engine = connect(_restored(release, kind, self.settings.database_url.get_secret_value()))
        with writing(engine) as opened:
            for statement in (
                "UPDATE articles SET log = :log WHERE log = '{log-raw}'",
                "UPDATE superseded_versions SET log = :log WHERE log = '{log-raw}'",
            ):
                opened.execute(text(statement), {"log": logs["{log-raw}"]})
        engine.dispose()

    def _log_of(self, topic: Topic) -> str:
        with Admin(self.settings) as admin:
            return admin.log(topic)


@pytest.mark.long
def test_workers_of_this_version_go_on_where_that_one_stopped(
    release: Path, broker: Broker, database_kind: str, database_url: str, tmp_path: Path
) -> None:
    made = _Earlier(
        broker.address, tmp_path / "pipeline", database_url=database_url, retention_hours=_CENTURY
    )
    made.restore(release, database_kind)
    with made as pipeline:
        published = {message["key"] for message in _messages(release, Topic.RAW)} - {"broken"}
        before = pipeline.stored()
        assert before < published
        assert pipeline.lag("sink") > 0
        assert [lag.found.fault for lag in pipeline.lags()] == [None] * len(pipeline.lags())
        worker = pipeline.worker().wait_ready()

        ledger = pipeline.await_closed(within=240)
        pipeline.await_lag_zero()

        assert (ledger.stored, ledger.dead_lettered) == (len(published), 1)
        assert pipeline.stored() == published
        enriched = [message.key for message in scan(pipeline.settings, Topic.ENRICHED)]
        raw = [message["key"] for message in _messages(release, Topic.RAW) if message["key"] != "broken"]
        assert len(enriched) == len(raw), "nothing was done again, and nothing left out"
        _assert_judged_by_what_was_seen_then(pipeline)
        (letter,) = pipeline.letters()
        assert letter.value == b'{"article_id": "bro'
        assert pipeline.run("verify").returncode == 0
        assert pipeline.run("dead-letters", "discard", letter.letter_id, "--yes").returncode == 0
        assert pipeline.ledger().discarded == 1
        assert worker.stop() == 0


def _assert_judged_by_what_was_seen_then(pipeline: LivePipeline) -> None:
    """A copy of an article of then is a copy, and a correction takes its place."""
    first = article(4)
    copied = article(90).model_copy(update={"title": first.title, "text": first.text})
    corrected = article(5).model_copy(update={"text": f"{article(5).text}\n\nCorrection: it was not so."})
    pipeline.publish([copied, corrected])
    pipeline.await_lag_zero()
    found = pipeline.store.article(copied.article_id)
    assert found is not None
    assert (found.duplicate.verdict, found.duplicate.duplicate_of) == ("exact", first.article_id)
    stands = pipeline.store.article(corrected.article_id)
    assert stands is not None
    assert stands.article.text == corrected.text
    assert pipeline.await_closed().versions.superseded >= 1
