"""Workers of two versions side by side, in both orders, under load: no dead letter, and no field lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count, pairwise
from pathlib import Path
from typing import Any

import pytest

from pipeline.kafka.scan import scan
from pipeline.kafka.topics import Topic
from pipeline.record import Article
from pipeline.record.codec import encode
from pipeline.stores.sql.queries.articles import article as stored_article
from tests.chaos.checker import Finding, Harm
from tests.chaos.report import Report
from tests.support.apache_kafka import ApacheKafka
from tests.support.articles import article
from tests.support.fields import lost
from tests.support.pipelines import LivePipeline
from tests.support.versions import version
from tests.support.waiting import eventually
from tests.support.workers import WorkerProcess

pytestmark = pytest.mark.timeout(600)

_LOT = 10
_CHAIN = (Topic.RAW, Topic.DEDUPLICATED, Topic.WITH_ENTITIES, Topic.ENRICHED)
_PAIRS = [
    ("this", "one field more"),
    ("one field more", "this"),
    ("one field fewer", "annotating"),
    ("annotating", "one field fewer"),
]
_MARKS = {"one field more": "edition", "annotating": "annotations"}
"""What a version leaves on every record that passes it, and the other one of its pair does not."""

JsonObject = dict[str, Any]


class Press:
    """Publishes articles, each with fields that no version knows."""

    def __init__(self, pipeline: LivePipeline) -> None:
        self._pipeline = pipeline
        self._numbers = count()
        self.published: set[str] = set()

    def publish(self, lots: int = 1) -> None:
        for _ in range(lots):
            made = [article(next(self._numbers)) for _ in range(_LOT)]
            self.published.update(
                self._pipeline.publish_bytes((one.article_id.encode(), _extended(one)) for one in made)
            )

    def publish_while_starting(self, worker: WorkerProcess) -> None:
        """Keep the others busy until the worker says that it is ready."""
        self.publish(3)
        worker.wait_ready()
        self.publish(3)

    def await_all_stored(self) -> None:
        eventually(
            lambda: self._pipeline.stored() >= self.published, what=f"all is stored\n{self._pipeline.logs()}"
        )
        self._pipeline.await_lag_zero()


def _extended(one: Article) -> bytes:
    """The article as a message, with fields that no version knows."""
    unknown = {"wire": {"desk": one.article_id}, "beats": [1.5, None]}
    return json.dumps({**json.loads(encode(one)), **unknown}).encode()


@pytest.fixture
def pipeline(kafka: ApacheKafka, tmp_path: Path) -> Iterator[LivePipeline]:
    with LivePipeline(kafka.address, tmp_path / "pipeline", batch_size=16) as running:
        yield running


@pytest.mark.parametrize(("first", "second"), _PAIRS)
def test_a_rolling_upgrade_loses_no_field_and_dead_letters_nothing(
    pipeline: LivePipeline, tmp_path: Path, report: Report, first: str, second: str
) -> None:
    what = f"rolling upgrade: {first} → {second}"
    press = Press(pipeline)
    old = pipeline.worker_of(version(first, tmp_path)).wait_ready()
    press.publish(3)
    new = pipeline.worker_of(version(second, tmp_path))
    press.publish_while_starting(new)
    press.publish(2)
    assert old.stop() == 0, old.log()[-2000:]
    press.publish(3)
    press.await_all_stored()

    _assert_nothing_lost(pipeline, press, report, what)
    _assert_the_store_gives_it_back(pipeline)
    marked = {_mark(first, second) in record for record in _on(pipeline, Topic.ENRICHED)}
    assert marked == {True, False}, "both versions had their part in it"


@pytest.mark.parametrize(("first", "second"), _PAIRS)
def test_versions_that_take_turns_on_every_article_lose_no_field(
    pipeline: LivePipeline, tmp_path: Path, report: Report, first: str, second: str
) -> None:
    what = f"by turns: {first}, {second}"
    press = Press(pipeline)
    _taking_turns(pipeline, tmp_path, press, first, second)
    _assert_nothing_lost(pipeline, press, report, what)
    _assert_the_store_gives_it_back(pipeline)
    assert all(_mark(first, second) in record for record in _on(pipeline, Topic.ENRICHED))


def test_a_version_that_drops_what_it_does_not_know_is_caught(
    pipeline: LivePipeline, tmp_path: Path, report: Report
) -> None:
    press = Press(pipeline)
    _taking_turns(pipeline, tmp_path, press, "one field more", "forgetful")
    found = _fields_lost(pipeline)
    report.found("control: by turns with a version that drops what it does not know", found)
    assert {finding.what for finding in found} == {
        "news.deduplicated → news.with-entities: .edition",
        "news.deduplicated → news.with-entities: .article.wire",
        "news.deduplicated → news.with-entities: .article.beats",
    }
    assert all(len(finding.items) == len(press.published) for finding in found)


def test_a_later_major_waits_for_the_workers_that_read_it(
    pipeline: LivePipeline, tmp_path: Path, report: Report
) -> None:
    what = "a later major, before the other workers are upgraded"
    press = Press(pipeline)
    later = version("later major", tmp_path)
    old = pipeline.worker("entities", "quotes", "sink").wait_ready()
    pipeline.worker_of(later, "duplicates").wait_ready()
    press.publish(3)
    eventually(
        lambda: old.metric("pipeline_parked_partitions", stage="entities") == pipeline.settings.partitions,
        what="the old worker has parked its partitions",
    )
    lines = [line for line in old.log().splitlines() if "has schema_version 2" in line]
    assert len(lines) == pipeline.settings.partitions, "one line a partition"
    eventually(
        lambda: pipeline.lag("entities") == len(press.published),
        what="all has come through the duplicates, and nothing of it is acknowledged",
    )
    assert old.probe("/live")[0] == 200

    press.publish_while_starting(pipeline.worker_of(later, "entities", "quotes", "sink"))
    assert old.stop() == 0, "it has nothing in hand"
    press.await_all_stored()
    _assert_nothing_lost(pipeline, press, report, what)
    record = _on(pipeline, Topic.ENRICHED)[0]
    shown = ("show", record["article"]["article_id"], "--json")
    assert json.loads(pipeline.run(*shown, PYTHONPATH=str(later)).stdout) == record
    refused = pipeline.run(*shown)
    assert refused.returncode == 1
    assert refused.stderr.startswith(b"error: newer-schema: schema_version 2, but this version reads up to 1")


def _taking_turns(pipeline: LivePipeline, folder: Path, press: Press, first: str, second: str) -> None:
    """Every article goes through the first version, the second, the first, and the second."""
    here = pipeline.worker_of(version(first, folder), "duplicates", "quotes")
    there = pipeline.worker_of(version(second, folder), "entities", "sink")
    for worker in (here, there):
        worker.wait_ready()
    press.publish(5)
    press.await_all_stored()


def _mark(first: str, second: str) -> str:
    return _MARKS.get(first) or _MARKS[second]


def _assert_nothing_lost(pipeline: LivePipeline, press: Press, report: Report, what: str) -> None:
    report.injected(what, len(press.published))
    found = _fields_lost(pipeline)
    report.found(what, found)
    assert pipeline.letters() == []
    assert not found, "\n".join(map(str, found))
    assert pipeline.await_closed().closed
    assert {record["article"]["article_id"] for record in _on(pipeline, Topic.ENRICHED)} == press.published


def _assert_the_store_gives_it_back(pipeline: LivePipeline) -> None:
    for record in _on(pipeline, Topic.ENRICHED):
        stored = stored_article(pipeline.engine, record["article"]["article_id"])
        assert stored is not None
        assert list(lost(record, json.loads(encode(stored)))) == []


def _fields_lost(pipeline: LivePipeline) -> list[Finding]:
    """Fields that a message has and that its article's message on the next topic has not, or not with that value."""
    missing: dict[str, set[str]] = {}
    for source, target in pairwise(_CHAIN):
        after: dict[str, list[JsonObject]] = {}
        for message in _on(pipeline, target):
            after.setdefault(message["article"]["article_id"], []).append(message)
        for message in _on(pipeline, source):
            record = {"article": message} if source is Topic.RAW else message
            key = record["article"]["article_id"]
            # A redelivery may have gone another way: one of them has to have it all.
            gone = min((list(lost(record, other)) for other in after[key]), key=len)
            for path in gone:
                missing.setdefault(f"news.{source} → news.{target}: {path}", set()).add(key)
    return [Finding(Harm.LOST, what, frozenset(keys)) for what, keys in missing.items()]


def _on(pipeline: LivePipeline, topic: Topic) -> list[JsonObject]:
    """All messages of a topic."""
    return [
        json.loads(message.value or b"") for message in scan(pipeline.settings, topic, admin=pipeline.admin)
    ]
