"""Standing questions in the stream: each story is told once, on `news.alerts` and in the store."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

from pipeline.kafka.scan import scan
from pipeline.kafka.topics import Topic
from pipeline.questions.question import question_of
from pipeline.record import Alert, Article
from pipeline.stores.base import standing_of
from tests.integration.conftest import NewPipeline
from tests.support.pipelines import LivePipeline
from tests.support.waiting import eventually
from tests.unit.duplicates.newsroom import article, prose, words


def _ask(pipeline: LivePipeline, name: str, **fields: Any) -> None:
    standing_of(pipeline.store).questions.put(question_of({"id": name, "title": name, **fields}))


def _settle(pipeline: LivePipeline) -> None:
    """Wait until all is stored and told: the sink tells after it stores, and commits after it tells."""
    pipeline.await_closed()
    pipeline.await_lag_zero()


def _told(pipeline: LivePipeline) -> dict[str, set[bytes]]:
    """The messages on the topic by their keys."""
    found: defaultdict[str, set[bytes]] = defaultdict(set)
    for message in scan(pipeline.settings, Topic.ALERTS):
        found[(message.key or b"").decode()].add(message.value or b"")
    return dict(found)


def _alerts(pipeline: LivePipeline, question: str) -> list[str]:
    """The articles of its alerts; each is told, and always in the same words."""
    told = _told(pipeline)
    kept = standing_of(pipeline.store).alerts.page(question=question, limit=500).found
    for alert in kept:
        assert [Alert.model_validate_json(value) for value in told[alert.alert_id]] == [alert]
    return sorted(alert.article_id for alert in kept)


def _story(number: int, source: str, name: str = "story") -> Article:
    return article(f"{name}{number}-{source}", f"The ferry.\n\n{prose(words(number, 120))}").model_copy(
        update={"source": source}
    )


def test_a_story_is_told_once_and_every_copy_where_it_is_wanted(new_pipeline: NewPipeline) -> None:
    pipeline = new_pipeline()
    _ask(pipeline, "once", words="ferries")
    _ask(pipeline, "each", words="ferries", every_copy=True)
    _ask(pipeline, "outlet", words="ferries", outlet=["Gazette"])
    _ask(pipeline, "other", words="zeppelin")
    pipeline.faulty_worker(options=["--light"]).wait_ready()
    for source in ("Courier", "Gazette", "Echo"):
        pipeline.publish([_story(1, source)])
        _settle(pipeline)
    assert _alerts(pipeline, "once") == ["story1-Courier"]
    assert _alerts(pipeline, "each") == ["story1-Courier", "story1-Echo", "story1-Gazette"]
    assert _alerts(pipeline, "outlet") == ["story1-Gazette"]
    assert _alerts(pipeline, "other") == []
    assert len(_told(pipeline)) == 5


@pytest.mark.long
def test_a_question_that_is_added_while_a_worker_runs_is_asked(new_pipeline: NewPipeline) -> None:
    pipeline = new_pipeline()
    pipeline.faulty_worker(options=["--light"]).wait_ready()
    pipeline.publish([_story(1, "Courier")])
    _settle(pipeline)
    _ask(pipeline, "late", words="ferry")
    number = 1
    while not _alerts(pipeline, "late"):  # it is read again within seconds
        number += 1
        pipeline.publish([_story(number, "Courier")])
        _settle(pipeline)
    assert _alerts(pipeline, "late") == [f"story{number}-Courier"]


@pytest.mark.long
def test_after_kills_each_story_is_told_and_none_differently(new_pipeline: NewPipeline) -> None:
    pipeline = new_pipeline(batch_size=4)
    _ask(pipeline, "once", words="ferry")
    stories = [_story(number, source) for number in range(12) for source in ("Courier", "Gazette")]
    for portion in (stories[:8], stories[8:16], stories[16:]):
        worker = pipeline.faulty_worker(options=["--light", "--slow-sink", "0.1"])
        worker.wait_ready()
        before = len(pipeline.stored())
        pipeline.publish(portion)
        while len(pipeline.stored()) == before:
            assert worker.is_alive()
        worker.kill()
    pipeline.faulty_worker(options=["--light"]).wait_ready()
    _settle(pipeline)
    assert _alerts(pipeline, "once") == sorted(f"story{number}-Courier" for number in range(12))
    assert {len(values) for values in _told(pipeline).values()} == {1}


@pytest.mark.long
@pytest.mark.parametrize("point", ["stored", "noted", "told"])
def test_a_worker_that_is_killed_between_record_alert_and_message_loses_none(
    new_pipeline: NewPipeline, point: str
) -> None:
    pipeline = new_pipeline(partitions=1)
    _ask(pipeline, "once", words="ferry")
    _ask(pipeline, "each", words="ferry", every_copy=True)
    worker = pipeline.faulty_worker(options=["--light", "--die-at", point]).wait_ready()
    stories = [_story(number, source) for number in range(3) for source in ("Courier", "Gazette")]
    pipeline.publish(stories)
    eventually(lambda: not worker.is_alive(), what="the worker is killed")
    assert pipeline.stored()
    kept = {alert.alert_id for alert in standing_of(pipeline.store).alerts.page(limit=500).found}
    assert bool(kept) is (point != "stored")
    assert _told(pipeline).keys() == (kept if point == "told" else set())
    assert pipeline.lag("sink")  # a batch is not committed before its alerts are told

    pipeline.faulty_worker(options=["--light"]).wait_ready()
    _settle(pipeline)
    assert _alerts(pipeline, "once") == [f"story{number}-Courier" for number in range(3)]
    assert _alerts(pipeline, "each") == sorted(story.article_id for story in stories)
    assert len(_told(pipeline)) == 9


@pytest.mark.long
def test_a_question_that_is_removed_while_a_worker_runs_is_asked_no_more(new_pipeline: NewPipeline) -> None:
    pipeline = new_pipeline()
    _ask(pipeline, "gone", words="ferry")
    _ask(pipeline, "stays", words="ferry")
    worker = pipeline.faulty_worker(options=["--light"]).wait_ready()
    pipeline.publish([_story(0, "Courier")])
    _settle(pipeline)
    assert standing_of(pipeline.store).questions.remove("gone")
    eventually(lambda: worker.metric("pipeline_questions") == 1 or _publish_one(pipeline), what="it is seen")
    assert _alerts(pipeline, "gone") == []
    assert _alerts(pipeline, "stays") == sorted(pipeline.stored())


def _publish_one(pipeline: LivePipeline) -> bool:
    """Have the sink look whether the questions have changed."""
    pipeline.publish([_story(len(pipeline.stored()), "Courier")])
    _settle(pipeline)
    return False


@pytest.mark.long
def test_a_question_that_matches_everything_is_answered_once_a_story(new_pipeline: NewPipeline) -> None:
    pipeline = new_pipeline()
    _ask(pipeline, "all", outlet=["Courier", "Gazette"])
    pipeline.faulty_worker(options=["--light"]).wait_ready()
    stories = [_story(number, source) for number in range(30) for source in ("Courier", "Gazette")]
    pipeline.publish(stories)
    _settle(pipeline)
    told = _alerts(pipeline, "all")
    assert {one.partition("-")[0] for one in told} == {f"story{number}" for number in range(30)}
    assert len(told) == 30
