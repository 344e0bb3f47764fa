"""Codecs of all kinds, names that are no text, messages that no topic has room for: nothing behind them is held up."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiokafka.errors import KafkaError
from kafka.admin import ConfigResource, ConfigResourceType

from pipeline.accounts.deadletters import Selection
from pipeline.kafka.scan import scan
from pipeline.kafka.topics import Topic, topic_name
from pipeline.kafka.unpacking import Codec
from pipeline.record import Article, DeadLetter, Omission
from pipeline.record.codec import encode
from tests.integration.conftest import NewPipeline
from tests.support.articles import article
from tests.support.brokers import kafka_or_skip
from tests.support.pipelines import LivePipeline
from tests.support.record_batches import BAD_NAME, Written, batch, flipped, produce
from tests.support.stored import stored_ids
from tests.support.waiting import eventually

pytestmark = pytest.mark.long

_MIB = 1 << 20
_LARGE, _HUGE = b"a" * (20 * _MIB), b"b" * (40 * _MIB)
_ROOM = 1_048_588  # Kafka's default
_CODECS = ("gzip", "snappy", "lz4", "zstd")


def _written(*articles: Article, headers: tuple[tuple[bytes, bytes], ...] = ()) -> list[Written]:
    return [Written(one.article_id.encode(), encode(one), headers) for one in articles]


def _on_kafka(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("broker") == "kafka")


def _configure(pipeline: LivePipeline, topic: Topic, **values: str) -> None:
    """Change a topic's settings behind the pipeline's back."""
    configs = {name.replace("_", "."): value for name, value in values.items()}
    name = topic_name(pipeline.settings, topic)
    pipeline.admin._client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, configs)])


@dataclass(frozen=True)
class Hard:
    """A pipeline that took it all, with good articles before, between and behind."""

    pipeline: LivePipeline
    good: frozenset[str]
    letters: dict[int, DeadLetter]
    first_of_junk: int | None


@pytest.fixture(scope="module")
def hard(new_pipeline: NewPipeline, request: pytest.FixtureRequest) -> Hard:
    pipeline = new_pipeline()
    worker = pipeline.faulty_worker(options=["--light"])
    raw = topic_name(pipeline.settings, Topic.RAW)
    address = pipeline.settings.bootstrap_servers[0]
    good = [article(number) for number in range(14)]
    for number, codec in enumerate(Codec):
        produce(address, raw, batch(_written(*good[2 * number : 2 * number + 2]), codec=codec))
    produce(address, raw, batch(_written(good[10], good[11], headers=((BAD_NAME, b"?"),))))
    produce(address, raw, batch([Written(b"large", _LARGE)], codec=Codec.GZIP))
    produce(address, raw, batch([Written(b"huge", _HUGE)], codec=Codec.ZSTD))
    first_of_junk = None
    junk = batch([], codec=Codec.LZ4, packed=b"no lz4", count=3)
    if _on_kafka(request):
        with pytest.raises(KafkaError):  # it looks into what it is sent
            produce(address, raw, junk)
    else:
        first_of_junk = produce(address, raw, junk)
    produce(address, raw, batch(_written(*good[12:]), codec=Codec.SNAPPY))
    worker.wait_ready()
    pipeline.await_closed()
    pipeline.await_lag_zero()
    letters = {letter.offset: letter for letter in pipeline.letters()}
    return Hard(pipeline, frozenset(one.article_id for one in good), letters, first_of_junk)


def test_articles_of_every_codec_and_under_any_header_are_stored(hard: Hard) -> None:
    assert set(stored_ids(hard.pipeline.engine)) == hard.good


def test_all_of_it_can_be_scanned(hard: Hard) -> None:
    scanned = list(scan(hard.pipeline.settings, Topic.RAW))
    assert len([one for one in scanned if one.unreadable is None]) == 15
    assert {one.offset for one in scanned if one.unreadable} == set(hard.letters) - {12}


def test_a_letter_that_its_topic_has_no_room_for_comes_without_its_value(hard: Hard) -> None:
    letter = hard.letters[12]
    assert (letter.key, letter.value, letter.reason) == (b"large", None, "too-large")
    assert letter.omitted_value == Omission.of(_LARGE)


def test_a_message_that_is_not_held_in_memory_is_known_by_size_and_hash(hard: Hard) -> None:
    letter = hard.letters[13]
    assert (letter.key, letter.value, letter.reason) == (b"huge", None, "too-large")
    assert letter.omitted_value == Omission.of(_HUGE)


def test_a_batch_that_is_none_is_one_letter_with_its_offsets(hard: Hard) -> None:
    if hard.first_of_junk is None:
        pytest.skip("Apache Kafka takes none")
    first, last = hard.first_of_junk, hard.first_of_junk + 2
    letter = hard.letters[last]
    assert (letter.reason, letter.stage) == ("unreadable", "duplicates")
    assert f"{letter.topic}/0, offsets {first} to {last}" in letter.error


def test_the_message_of_such_a_letter_is_shown_from_its_topic(hard: Hard) -> None:
    large, huge = hard.letters[12], hard.letters[13]
    shown = hard.pipeline.run("dead-letters", "show", large.letter_id, "--json")
    assert DeadLetter.model_validate_json(shown.stdout).value == _LARGE

    shown = hard.pipeline.run("dead-letters", "show", huge.letter_id, "--json")
    assert (shown.returncode, DeadLetter.model_validate_json(shown.stdout)) == (0, huge)
    assert b"its message can't be read" in shown.stderr


def test_what_is_too_large_for_the_settings_is_left_when_it_is_re_driven(hard: Hard) -> None:
    done = hard.pipeline.run("dead-letters", "redrive", "--article", "large", "--yes", "--json")
    assert (done.returncode, json.loads(done.stdout)["left"]) == (1, 1)
    assert b"over PIPELINE_MAX_MESSAGE_BYTES" in done.stderr


def test_the_list_tells_the_size_of_what_was_left_out(hard: Hard) -> None:
    listed = hard.pipeline.run("dead-letters", "list", "--article", "large", "--json")
    assert json.loads(listed.stdout)["bytes"] == len(_LARGE)


def test_a_limit_that_is_lowered_under_a_running_worker_stops_nothing(
    new_pipeline: NewPipeline, request: pytest.FixtureRequest
) -> None:
    if not _on_kafka(request):
        pytest.skip("the embedded broker knows no limit")
    pipeline = new_pipeline()
    pipeline.faulty_worker(options=["--light"]).wait_ready()
    _configure(pipeline, Topic.DEAD_LETTER, max_message_bytes=str(_ROOM))
    _configure(pipeline, Topic.WITH_ENTITIES, max_message_bytes="20000")
    value, long = b"?" * 900_000, article(1, marker="and so on " * 3_000)
    pipeline.publish_bytes([(b"before", b"{"), (b"junk", value), (b"behind", b"{")])
    kept = pipeline.publish([article(0), long, article(2)])
    pipeline.await_closed()

    letters = {letter.article_id: letter for letter in pipeline.letters()}
    assert set(letters) == {"before", "junk", "behind", long.article_id}
    assert (letters["junk"].value, letters["junk"].omitted_value) == (None, Omission.of(value))
    assert letters["before"].value == letters["behind"].value == b"{"
    assert (letters[long.article_id].reason, letters[long.article_id].stage) == ("too-large", "entities")
    assert set(stored_ids(pipeline.engine)) == {*kept} - {long.article_id}

    assert pipeline.run("dead-letters", "redrive", "--article", "junk", "--yes").returncode == 0
    chosen = Selection(article_ids=frozenset({"junk"}))
    (again,) = eventually(lambda: [letter for letter in pipeline.letters(chosen) if letter.attempts == 2])
    assert again.omitted_value == Omission.of(value)


@pytest.mark.parametrize("codec", _CODECS)
def test_topics_that_compress_anew_are_read(
    new_pipeline: NewPipeline, request: pytest.FixtureRequest, codec: str
) -> None:
    if not _on_kafka(request):
        pytest.skip("the embedded broker keeps batches as they come")
    pipeline = new_pipeline()
    worker = pipeline.faulty_worker(options=["--light"])
    worker.wait_ready()
    for topic in Topic:
        _configure(pipeline, topic, compression_type=codec)
    kept = pipeline.publish([article(number, marker="again " * 500) for number in range(5)])
    pipeline.publish_bytes([(b"junk", b"{" * 5_000)])
    pipeline.await_closed()
    assert set(stored_ids(pipeline.engine)) == set(kept)
    assert [letter.value for letter in pipeline.letters()] == [b"{" * 5_000]
    worker.stop()


def test_a_disk_that_changes_a_bit_costs_one_batch_and_says_which(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    if not _on_kafka(request):
        pytest.skip("the embedded broker has no disk")
    with (
        kafka_or_skip(tmp_path / "kafka") as kafka,
        LivePipeline(kafka.address, tmp_path / "run") as pipeline,
    ):
        raw = topic_name(pipeline.settings, Topic.RAW)
        produce(kafka.address, raw, batch(_written(article(0))))
        produce(kafka.address, raw, batch(_written(article(1), article(2))))
        produce(kafka.address, raw, batch(_written(article(3))))
        kafka.stop()
        (segment,) = (tmp_path / "kafka" / "data" / f"{raw}-0").glob("*.log")
        data = segment.read_bytes()
        segment.write_bytes(flipped(data, data.index(encode(article(2)))))
        kafka.start()
        pipeline.reconnect()
        pipeline.faulty_worker(options=["--light"]).wait_ready()
        pipeline.await_closed()

        assert set(stored_ids(pipeline.engine)) == {article(0).article_id, article(3).article_id}
        (letter,) = pipeline.letters()
        assert (letter.reason, letter.offset) == ("unreadable", 2)
        assert letter.error == f"{raw}/0, offsets 1 to 2: the checksum is wrong, twice"
        assert encode(article(1)) in (letter.value or b"")
