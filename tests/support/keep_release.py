"""Keep what this version writes, for the upgrade tests of later ones: `python -m tests.support.keep_release FOLDER`.

Runs the pipeline on made-up articles (a copy, a near copy, a correction, a redelivery, something that nobody can
read, fields that no version knows), stops it midway, and writes down what broker and stores then hold:

    topics.json      messages by topic and partition, and which offset each group has committed, with its label
    sqlite.sql       the store in SQLite, as statements that make it again
    postgresql.sql   the same in PostgreSQL

What a broker or a store is known by has a placeholder there (`{prefix}`, `{log-raw}`, `{store}`), since whoever reads
it makes them anew.

Run it in a checkout of the version. Version 0.2.0 had no such file: there this one was run, with its checkout in front
of PYTHONPATH.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.admin import KafkaAdminClient
from sqlalchemy import make_url, select

from pipeline.kafka.topics import Topic, topic_name
from pipeline.record import Article
from pipeline.record.codec import encode
from pipeline.stores.sql.database import reading
from pipeline.stores.sql.schema import store_identities
from tests.integration.postgres import programs, running_server
from tests.support.apache_kafka import ApacheKafka
from tests.support.articles import article, articles
from tests.support.pipelines import LivePipeline
from tests.support.waiting import eventually

_TOPICS = (Topic.RAW, Topic.DEDUPLICATED, Topic.WITH_ENTITIES, Topic.ENRICHED, Topic.DEAD_LETTER)
_STAGES = ("duplicates", "entities", "quotes", "sink")


def _publish(pipeline: LivePipeline) -> None:
    """Something of each kind."""
    first = list(articles(6))
    copied = article(6).model_copy(update={"title": first[0].title, "text": first[0].text})
    near = article(7).model_copy(
        update={"title": first[1].title, "text": f"{first[1].text}\n\nMore follows."}
    )
    later = first[2].ingested_at + timedelta(hours=1)
    corrected = first[2].model_copy(
        update={"text": f"{first[2].text}\n\nCorrection: it was not so.", "ingested_at": later}
    )
    pipeline.publish([*first, copied, near, corrected, first[3]])
    unknown = {**json.loads(encode(article(8))), "wire": {"desk": "city", "beats": [1.5, None]}}
    pipeline.publish_bytes([(b"0-000008", json.dumps(unknown).encode()), (b"broken", b'{"article_id": "bro')])


def _leave_midway(pipeline: LivePipeline) -> None:
    """All of it is stored; behind it are articles that wait for the sink, for the entities, and for the duplicates."""
    everything = pipeline.worker().wait_ready()
    _publish(pipeline)
    pipeline.await_lag_zero(within=240)
    assert everything.stop() == 0
    for number, stages in enumerate((("duplicates", "entities", "quotes"), ("duplicates",), ()), start=1):
        lots: list[Article] = list(articles(3, start=10 * number))
        working = pipeline.worker(*stages).wait_ready() if stages else None
        pipeline.publish(lots)
        for stage in stages:
            eventually(lambda stage=stage: pipeline.lag(stage) == 0, what="the stage is through")  # type: ignore[misc]
        assert working is None or working.stop() == 0


def _held(pipeline: LivePipeline) -> dict[str, Any]:
    """What the topics hold, in text, and how far the groups are."""
    held: dict[str, Any] = {"topics": {}, "committed": {}}
    consumer = KafkaConsumer(bootstrap_servers=pipeline.settings.bootstrap_servers, enable_auto_commit=False)
    for topic in _TOPICS:
        name = topic_name(pipeline.settings, topic)
        held["topics"][topic] = [
            [_message(record) for record in _read(consumer, TopicPartition(name, number))]
            for number in sorted(consumer.partitions_for_topic(name))
        ]
    consumer.close()
    admin = KafkaAdminClient(bootstrap_servers=pipeline.settings.bootstrap_servers)
    for stage in _STAGES:
        group = pipeline.settings.group(stage)
        held["committed"][stage] = {
            str(place.partition): [found.offset, found.metadata]
            for place, found in sorted(admin.list_group_offsets(group)[group].items())
        }
    admin.close()
    return held


def _without_names(pipeline: LivePipeline, text: str) -> str:
    """The text with placeholders for what broker and store are known by."""
    with reading(pipeline.engine) as connection:
        names = {str(connection.execute(select(store_identities)).scalar_one()): "{store}"}
    names |= {pipeline.admin.log(topic): f"{{log-{topic}}}" for topic in _TOPICS}
    for name, placeholder in {**names, pipeline.name: "{prefix}"}.items():
        text = text.replace(name, placeholder)
    return text


def _read(consumer: KafkaConsumer, place: TopicPartition) -> list[Any]:
    consumer.assign([place])
    consumer.seek_to_beginning(place)
    end = consumer.end_offsets([place])[place]
    found: list[Any] = []
    while consumer.position(place) < end:
        found += consumer.poll(timeout_ms=1000).get(place, [])
    return found


def _message(record: Any) -> dict[str, Any]:
    headers = [[name, value.decode()] for name, value in record.headers]
    return {
        "key": record.key.decode(),
        "value": record.value.decode(),
        "headers": headers,
        "at": record.timestamp,
    }


def _sqlite(pipeline: LivePipeline) -> str:
    path = make_url(pipeline.settings.database_url.get_secret_value()).database
    database = sqlite3.connect(str(path))
    names = database.execute(
        "SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%'"
    ).fetchall()
    # A virtual table is what its own tables hold, which are there beside it.
    virtual = tuple(f'INSERT INTO "{name}" ' for (name,) in names)
    lines = [statement for statement in database.iterdump() if not statement.startswith(virtual)]
    database.close()
    return "\n".join(lines) + "\n"


def _postgresql(pipeline: LivePipeline) -> str:
    url = make_url(pipeline.settings.database_url.get_secret_value())
    done = subprocess.run(
        [
            programs() / "pg_dump",
            "--inserts",
            "--no-owner",
            "-h",
            str(url.query["host"]),
            "-U",
            "postgres",
            url.database or "",
        ],
        check=True,
        capture_output=True,
        text=True,
        user="nobody" if os.geteuid() == 0 else None,
    )
    # Left out: what psql alone understands, and that the session should find nothing without its schema.
    return re.sub(
        r"^(\\(un)?restrict|SELECT pg_catalog.set_config\('search_path').*\n",
        "",
        done.stdout,
        flags=re.MULTILINE,
    )


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    # Not the embedded broker: it keeps no labels of commits.
    with (
        tempfile.TemporaryDirectory() as scratch,
        running_server() as server,
        ApacheKafka(Path(scratch) / "kafka") as broker,
    ):
        with LivePipeline(broker.address, Path(scratch) / "sqlite") as pipeline:
            _leave_midway(pipeline)
            held = json.dumps(_held(pipeline), indent=1, ensure_ascii=False) + "\n"
            (folder / "topics.json").write_text(_without_names(pipeline, held))
            (folder / "sqlite.sql").write_text(_without_names(pipeline, _sqlite(pipeline)))
        with LivePipeline(
            broker.address, Path(scratch) / "postgresql", database_url=server.new_database()
        ) as pipeline:
            _leave_midway(pipeline)
            (folder / "postgresql.sql").write_text(_without_names(pipeline, _postgresql(pipeline)))


if __name__ == "__main__":
    main()
