"""Poison of every kind, between good articles: it ends as a dead letter, and its neighbours go through."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import orjson
import pytest

from pipeline.accounts.deadletters import Selection
from pipeline.kafka.topics import Topic
from pipeline.record import DeadLetter
from pipeline.record.codec import decode_article, decode_record, encode
from tests.integration.conftest import NewPipeline
from tests.support.articles import article, articles
from tests.support.faults import Marker, mend
from tests.support.pipelines import LivePipeline
from tests.support.stored import stored_ids
from tests.support.waiting import eventually
from tests.support.workers import WorkerProcess

_LIMIT = 64 * 1024
_GOOD = article(0)


def _changed(**fields: object) -> bytes:
    return orjson.dumps({**json.loads(encode(_GOOD)), **fields})


def _marked(number: int, marker: Marker) -> tuple[bytes, bytes]:
    marked = article(number, marker=marker)
    return marked.article_id.encode(), encode(marked)


_LONG = article(1001, marker="so long " * 10_000)

# kind -> (key, value, stage, reason)
_POISON: Mapping[str, tuple[bytes | None, bytes | None, str, str]] = {
    "no value": (b"tombstone", None, "duplicates", "not-json"),
    "empty": (b"empty", b"", "duplicates", "not-json"),
    "not JSON": (b"broken", b'{"article_id": "bro', "duplicates", "not-json"),
    "JSON, but no object": (b"list", b"[1, 2]", "duplicates", "wrong-schema"),
    "nested without end": (b"deep", b"[" * 50_000, "duplicates", "not-json"),
    "bad UTF-8": (b"latin", b'{"article_id": "caf\xe9"}', "duplicates", "bad-encoding"),
    "key of no encoding": (b"\xff\xfe", b"?", "duplicates", "not-json"),
    "wrong schema": (b"no-text", b'{"article_id": "no-text"}', "duplicates", "wrong-schema"),
    "newer schema, else good": (
        _GOOD.article_id.encode(),
        _changed(schema_version=2),
        "duplicates",
        "newer-schema",
    ),
    "newer schema": (b"newer", b'{"schema_version": 2, "article_id": "newer"}', "duplicates", "newer-schema"),
    "another article's key": (b"not-its-key", encode(_GOOD), "duplicates", "wrong-schema"),
    "empty key": (b"", encode(article(1000)), "duplicates", "wrong-schema"),
    "over-long": (_LONG.article_id.encode(), encode(_LONG), "duplicates", "too-large"),
    "over-long without a key": (None, encode(_LONG), "duplicates", "too-large"),
    "makes a stage raise": (*_marked(1002, Marker.RAISE), "entities", "stage-error"),
    "makes a stage hang": (*_marked(1003, Marker.HANG), "entities", "stage-timeout"),
    "kills the stage's process": (*_marked(1004, Marker.DIE), "entities", "worker-died"),
}


@dataclass(frozen=True)
class Poisoned:
    """A pipeline with faulty stages that took all the poison, a good article before and after each."""

    pipeline: LivePipeline
    worker: WorkerProcess
    letters: Mapping[str, DeadLetter]
    good: frozenset[str]


@pytest.fixture(scope="module")
def poisoned(new_pipeline: NewPipeline) -> Poisoned:
    pipeline = new_pipeline(max_article_bytes=_LIMIT, article_timeout_seconds=3, batch_size=8)
    worker = pipeline.faulty_worker(options=["--light"])
    messages: list[tuple[bytes | None, bytes | None]] = []
    good = list(articles(len(_POISON) + 1, start=1))
    for neighbour, (key, value, _, _) in zip(good, _POISON.values(), strict=False):
        messages += [(neighbour.article_id.encode(), encode(neighbour)), (key, value)]
    messages.append((good[-1].article_id.encode(), encode(good[-1])))
    pipeline.publish_bytes(messages)
    worker.wait_ready()
    pipeline.await_closed()
    pipeline.await_lag_zero()
    letters = {
        kind: letter
        for kind, (key, value, stage, _) in _POISON.items()
        for letter in pipeline.letters()
        if letter.key == key and (letter.value == value or stage != "duplicates")
    }
    return Poisoned(pipeline, worker, letters, frozenset(neighbour.article_id for neighbour in good))


@pytest.mark.parametrize("kind", _POISON)
def test_poison_becomes_a_dead_letter_with_its_bytes(poisoned: Poisoned, kind: str) -> None:
    key, value, stage, reason = _POISON[kind]
    letter = poisoned.letters[kind]

    assert (letter.stage, letter.reason, letter.status) == (stage, reason, "open")
    assert letter.error
    assert letter.attempts == 1
    assert letter.key == key
    if stage == "duplicates":
        assert letter.value == value
    else:
        assert decode_record(letter.value).article == decode_article(value)


def test_the_neighbours_of_poison_go_through(poisoned: Poisoned) -> None:
    assert set(stored_ids(poisoned.pipeline.engine)) >= poisoned.good


def test_there_is_one_letter_for_each_poison(poisoned: Poisoned) -> None:
    letters = poisoned.pipeline.letters(Selection(status=None))

    assert len({letter.letter_id for letter in letters}) == len(letters)
    assert sum(letter.reason != "stage-error" for letter in letters) >= len(_POISON) - 1


def test_headers_of_anybody_are_no_poison(poisoned: Poisoned) -> None:
    pipeline = poisoned.pipeline
    counts = (b"many", b"9" * 5000, b"-1", "²".encode())
    for count in counts:
        pipeline.publish_bytes([(b"headers", b"?")], headers=[("pipeline-attempts", count), ("x", b"\xff")])

    eventually(lambda: len(pipeline.letters(Selection(article_ids=frozenset({"headers"})))) == len(counts))
    assert poisoned.worker.is_alive()


def test_poison_on_a_later_topic_is_kept_too(poisoned: Poisoned) -> None:
    pipeline = poisoned.pipeline
    for topic in (Topic.DEDUPLICATED, Topic.WITH_ENTITIES, Topic.ENRICHED):
        pipeline.publish_bytes([(f"late-{topic}".encode(), b"\xff")], topic=topic)
        eventually(lambda: pipeline.letters(Selection(article_ids=frozenset({f"late-{topic}"}))))  # noqa: B023 - called at once

    pipeline.await_lag_zero()


def test_a_redriven_letter_that_now_works_leaves_the_ledger_closed(poisoned: Poisoned) -> None:
    pipeline = poisoned.pipeline
    (article_id,) = pipeline.publish([article(2000, marker=Marker.UNTIL_MENDED)])
    chosen = Selection(article_ids=frozenset({article_id}))
    (first,) = eventually(lambda: pipeline.letters(chosen), what="it fails")

    refused = pipeline.run("dead-letters", "redrive", first.letter_id, "--yes", "--json")
    assert json.loads(refused.stdout) == {"dry_run": False, "re_driven": 1, "left": 0}
    again = eventually(
        lambda: [letter for letter in pipeline.letters(chosen) if letter.letter_id != first.letter_id],
        what="it fails again",
    )
    assert [letter.attempts for letter in again] == [2]

    mend(pipeline.folder)
    assert pipeline.run("dead-letters", "redrive", "--article", article_id, "--yes").returncode == 0
    pipeline.await_closed()

    assert article_id in set(stored_ids(pipeline.engine))
    assert pipeline.letters(chosen) == []


def test_a_redriven_letter_without_a_key_leaves_the_ledger_closed(poisoned: Poisoned) -> None:
    pipeline = poisoned.pipeline
    pipeline.publish_bytes([(None, b"keyless")])
    first = eventually(lambda: [letter for letter in pipeline.letters() if letter.value == b"keyless"])[0]

    assert pipeline.run("dead-letters", "redrive", first.letter_id, "--yes").returncode == 0

    eventually(
        lambda: [
            letter for letter in pipeline.letters() if letter.attempts == 2 and letter.value == b"keyless"
        ]
    )
    pipeline.await_closed()


def test_redrive_and_discard_only_say_what_they_would_do_without_yes(poisoned: Poisoned) -> None:
    pipeline = poisoned.pipeline
    letter = poisoned.letters["not JSON"]
    before = pipeline.letters(Selection(status=None))

    for command in ("redrive", "discard"):
        done = pipeline.run("dead-letters", command, letter.letter_id, "--json")
        assert json.loads(done.stdout) == {"dry_run": True, "letters": [letter.letter_id]}
        assert done.returncode == 0

    assert pipeline.letters(Selection(status=None)) == before


def test_a_discarded_letter_is_counted_by_the_ledger(poisoned: Poisoned) -> None:
    pipeline = poisoned.pipeline
    pipeline.publish_bytes([(b"to-discard", b"nothing of use")])
    (letter,) = eventually(lambda: pipeline.letters(Selection(article_ids=frozenset({"to-discard"}))))
    before = pipeline.ledger()

    assert pipeline.run("dead-letters", "discard", letter.letter_id, "--yes").returncode == 0

    after = pipeline.await_closed()
    assert after.discarded == before.discarded + 1
    assert after.dead_lettered == before.dead_lettered - 1


def test_letters_are_listed_and_shown_with_their_bytes(poisoned: Poisoned) -> None:
    pipeline, letter = poisoned.pipeline, poisoned.letters["bad UTF-8"]

    listed = pipeline.run(
        "dead-letters", "list", "--reason", "bad-encoding", "--stage", "duplicates", "--json"
    )
    shown = pipeline.run("dead-letters", "show", letter.letter_id, "--json")

    assert letter.letter_id in {json.loads(line)["letter_id"] for line in listed.stdout.splitlines()}
    assert DeadLetter.model_validate_json(shown.stdout) == letter


def test_a_letter_that_is_not_there_is_a_mistake_of_the_user(poisoned: Poisoned) -> None:
    assert poisoned.pipeline.run("dead-letters", "show", "no/such/letter").returncode == 2
    assert poisoned.pipeline.run("dead-letters", "redrive", "no/such/letter", "--yes").returncode == 1
    assert poisoned.pipeline.run("dead-letters", "list", "--reason", "bad-mood").returncode == 2


def test_dead_letters_are_counted_by_stage_and_reason(poisoned: Poisoned) -> None:
    worker = poisoned.worker

    assert worker.metric("pipeline_dead_letters_total", stage="entities", reason="stage-timeout") == 1
    assert worker.metric("pipeline_dead_letters_total", stage="entities", reason="worker-died") == 1
    assert worker.metric("pipeline_dead_letters_total") == worker.metric(
        "pipeline_messages_total", outcome="dead_letter"
    )
