"""What can be done about dead letters in the cases that are not the usual ones."""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode

import pytest
from aiokafka import AIOKafkaProducer
from kafka import KafkaConsumer, TopicPartition
from kafka.structs import OffsetAndMetadata

from pipeline.accounts.deadletters import Selection
from pipeline.flow import FLOW
from pipeline.kafka.admin import connection
from pipeline.kafka.topics import Topic, topic_name
from pipeline.record.codec import encode
from pipeline.watch import metrics
from pipeline.watch.exporter import DeadLetterCensus
from tests.integration.conftest import NewPipeline
from tests.support.articles import article, articles
from tests.support.faults import Marker, mend
from tests.support.pipelines import SESSION_SECONDS, LivePipeline
from tests.support.stored import stored_ids
from tests.support.waiting import eventually

pytestmark = pytest.mark.long


@pytest.fixture
def pipeline(new_pipeline: NewPipeline) -> LivePipeline:
    return new_pipeline()


def _publish_nothing(pipeline: LivePipeline) -> None:
    """A message with neither key nor value: brokers take it, and other clients send it."""

    async def publish() -> None:
        producer = AIOKafkaProducer(**connection(pipeline.settings))
        await producer.start()
        batch = producer.create_batch()
        batch.append(key=None, value=None, timestamp=None)
        answer = await producer.send_batch(batch, topic_name(pipeline.settings, Topic.RAW), partition=0)
        await answer
        await producer.stop()

    asyncio.run(publish())


def _deliver_again(pipeline: LivePipeline, stage: str) -> None:
    """Take back a stage's commits, as when its worker had ended before the first of them."""
    topic = topic_name(pipeline.settings, FLOW.sources[stage])
    consumer = KafkaConsumer(
        topic,
        group_id=pipeline.settings.group(stage),
        enable_auto_commit=False,
        session_timeout_ms=SESSION_SECONDS * 1000,
        heartbeat_interval_ms=SESSION_SECONDS * 200,
        **connection(pipeline.settings),
    )

    def assigned() -> set[TopicPartition]:
        consumer.poll(timeout_ms=SESSION_SECONDS * 1000)  # long enough to join: nothing is done between polls
        return set(consumer.assignment())

    partitions = eventually(assigned, what="the group gives it the partitions")
    consumer.commit(dict.fromkeys(partitions, OffsetAndMetadata(0, "", -1)))
    consumer.close()


def test_a_message_with_nothing_in_it_can_only_be_discarded_and_holds_up_no_other(
    pipeline: LivePipeline,
) -> None:
    pipeline.faulty_worker(options=["--light"]).wait_ready()
    _publish_nothing(pipeline)
    pipeline.publish_bytes([(b"broken", b"{")])
    nothing, broken = eventually(lambda: found if len(found := pipeline.letters()) == 2 else None)
    assert (nothing.key, nothing.value, broken.key) == (None, None, b"broken")

    dry = pipeline.run("dead-letters", "redrive", "--json")
    done = pipeline.run("dead-letters", "redrive", "--yes", "--json")
    (again,) = eventually(lambda: pipeline.letters(Selection(article_ids=frozenset({"broken"}))))
    dropped = pipeline.run("dead-letters", "discard", nothing.letter_id, "--yes", "--json")

    assert json.loads(dry.stdout) == {"dry_run": True, "letters": [broken.letter_id]}
    assert json.loads(done.stdout) == {"dry_run": False, "re_driven": 1, "left": 1}
    assert done.returncode == 1
    assert done.stderr.count(b"\n") == 1
    assert nothing.letter_id.encode() in done.stderr
    assert b"discard it" in done.stderr
    assert again.attempts == 2
    assert json.loads(dropped.stdout) == {"dry_run": False, "discarded": 1, "left": 0}
    assert dropped.returncode == 0
    ledger = pipeline.await_closed()
    assert (ledger.dead_lettered, ledger.discarded) == (1, 1)


def test_what_a_letter_holds_is_shown_without_what_a_terminal_would_obey(pipeline: LivePipeline) -> None:
    pipeline.faulty_worker("duplicates").wait_ready()
    pipeline.publish_bytes([(b"\x1b]0;broken\x07", b"{\x1b[2J")])
    (letter,) = eventually(pipeline.letters)
    listed = pipeline.run("dead-letters", "list")
    shown = pipeline.run("dead-letters", "show", letter.letter_id)

    assert b"broken" in listed.stdout
    assert b"[2J" in shown.stdout
    assert not {0x1B, 0x07} & set(listed.stdout + shown.stdout)


def test_what_is_stored_though_it_was_dead_lettered_is_found_and_its_letter_settled(
    pipeline: LivePipeline,
) -> None:
    worker = pipeline.faulty_worker(options=["--light"]).wait_ready()
    (doubled,) = pipeline.publish([article(1, marker=Marker.UNTIL_MENDED)])
    pipeline.publish([article(2, marker=Marker.RAISE), *articles(3, start=3)])
    pipeline.await_closed()
    pipeline.await_lag_zero()
    worker.stop()

    mend(pipeline.folder)
    _deliver_again(pipeline, "entities")
    pipeline.faulty_worker(options=["--light"]).wait_ready()
    eventually(lambda: doubled in set(stored_ids(pipeline.engine)), what="it works when delivered again")
    pipeline.await_lag_zero()

    assert pipeline.run("verify").returncode == 1
    assert pipeline.ledger().samples["doubled"] == [doubled]
    (letter,) = pipeline.letters(Selection(article_ids=frozenset({doubled})))

    dry = pipeline.run("dead-letters", "discard", "--doubled", "--json")
    assert json.loads(dry.stdout) == {"dry_run": True, "letters": [letter.letter_id]}
    assert pipeline.run("dead-letters", "discard", "--doubled", "--yes").returncode == 0

    ledger = pipeline.ledger()
    assert ledger.closed
    assert (ledger.stored, ledger.dead_lettered, ledger.discarded) == (4, 1, 0)
    assert pipeline.run("dead-letters", "discard", "--doubled", "--yes").returncode == 1, "nothing is left"


def test_what_is_no_dead_letter_stops_no_tool_and_can_be_discarded(pipeline: LivePipeline) -> None:
    pipeline.faulty_worker(options=["--light"]).wait_ready()
    pipeline.publish(articles(3))
    pipeline.publish_bytes([(b"broken", b"{")])
    (broken,) = eventually(pipeline.letters)
    newer = json.dumps({"schema_version": 99, "letter_id": broken.letter_id}).encode()
    junk = [
        (b"tombstone", None),
        (b"junk", b"\xff\x00{"),
        (b"list", b"[1]"),
        (broken.letter_id.encode(), newer),
    ]
    pipeline.publish_bytes(junk, topic=Topic.DEAD_LETTER)

    census = DeadLetterCensus(pipeline.settings)
    census.count()
    assert _open_by_reason() == {"not-json": 1, "not-a-letter": 4}

    listed = pipeline.run("dead-letters", "list", "--json", "--reason", "not-a-letter")
    places = [json.loads(line)["letter_id"] for line in listed.stdout.splitlines()]
    topic = topic_name(pipeline.settings, Topic.DEAD_LETTER)
    assert places == [f"{topic}/0/{offset}" for offset in (1, 2, 3, 4)]
    shown = pipeline.run("dead-letters", "show", places[1], "--json")
    assert b64decode(json.loads(shown.stdout)["value"]) == b"\xff\x00{"
    assert "upgrade" in json.loads(pipeline.run("dead-letters", "show", places[3], "--json").stdout)["error"]
    assert pipeline.run("verify").returncode == 0

    redriven = pipeline.run("dead-letters", "redrive", "--yes", "--json")
    assert json.loads(redriven.stdout) == {"dry_run": False, "re_driven": 1, "left": 4}
    lines = redriven.stderr.decode().splitlines()
    assert all(place in line and "discard it" in line for place, line in zip(places, lines, strict=True))

    discarded = pipeline.run("dead-letters", "discard", "--reason", "not-a-letter", "--yes", "--json")
    assert json.loads(discarded.stdout) == {"dry_run": False, "discarded": 4, "left": 0}
    eventually(lambda: [letter.attempts for letter in pipeline.letters()] == [2], what="it fails again")
    census.count()
    assert _open_by_reason() == {"not-json": 1}
    everything = pipeline.letters(Selection(reason="not-a-letter", status=None))
    assert [(letter.letter_id, letter.status) for letter in everything] == [
        (place, "discarded") for place in places
    ]
    assert [letter.value for letter in everything] == [value for _, value in junk], "its bytes stay"
    ledger = pipeline.await_closed()
    assert (ledger.stored, ledger.dead_lettered, ledger.discarded) == (3, 1, 0)


def _open_by_reason() -> dict[str, float]:
    (family,) = metrics.DEAD_LETTERS_OPEN.collect()
    return {sample.labels["reason"]: sample.value for sample in family.samples if sample.value}


def test_a_date_that_no_calendar_has_is_the_message_s_fault_for_every_tool(pipeline: LivePipeline) -> None:
    pipeline.faulty_worker(options=["--light"]).wait_ready()
    dated = json.loads(encode(article(1))) | {"published_at": "0001-01-01T00:00:00+14:00"}
    pipeline.publish_bytes([(None, json.dumps(dated).encode())])
    (letter,) = eventually(pipeline.letters)

    assert letter.reason == "wrong-schema"
    assert pipeline.run("verify", timeout=60).returncode == 0
    assert pipeline.run("dead-letters", "list").returncode == 0
    assert pipeline.run("dead-letters", "redrive", "--yes").returncode == 0


def test_a_message_is_mended_and_re_driven_and_what_is_still_wrong_is_named(pipeline: LivePipeline) -> None:
    pipeline.faulty_worker(options=["--light"]).wait_ready()
    wrong = json.loads(encode(article(1))) | {"source": 7, "url": 8}
    pipeline.publish_bytes([(None, json.dumps(wrong).encode())])
    (letter,) = eventually(pipeline.letters)
    assert "source: " in letter.error
    assert "url: " in letter.error

    half = pipeline.run("dead-letters", "edit", letter.letter_id, "--set", "source=Courier")
    assert half.returncode == 2
    assert b"url: " in half.stderr
    sets = ("--set", "source=Courier", "--set", "url=null")
    assert pipeline.run("dead-letters", "edit", letter.letter_id, *sets).returncode == 0
    ledger = pipeline.await_closed()
    assert ledger.stored == 1
    assert [one.status for one in pipeline.letters() if one.letter_id == letter.letter_id] in (
        [],
        ["redriven"],
    )
