"""What operators do to a log: made anew, wiped, cut off, aged. Nothing accepted afterwards is lost, and it is said."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from kafka import TopicPartition
from kafka.admin import KafkaAdminClient

from pipeline.kafka.topics import Topic, topic_name
from pipeline.record.codec import encode
from tests.chaos import checker
from tests.chaos.checker import Harm
from tests.chaos.load import Message
from tests.chaos.report import Report
from tests.chaos.scene import Scene
from tests.support.articles import articles
from tests.support.waiting import eventually
from tests.support.workers import WorkerProcess

pytestmark = pytest.mark.timeout(600)

_BEFORE, _TAIL = 30, 10
_FEWER, _MORE = 10, 50  # than before: below the old offset, and past it


def _sent(scene: Scene, start: int, count: int) -> list[Message]:
    made: list[Message] = [
        (article.article_id.encode(), encode(article)) for article in articles(count, start=start)
    ]
    scene.pipeline.publish_bytes(made)
    return made


def _made_anew(topic: Topic) -> Callable[[Scene], None]:
    def fault(scene: Scene) -> None:
        name = topic_name(scene.pipeline.settings, topic)
        admin = KafkaAdminClient(bootstrap_servers=scene.kafka.address)
        admin.delete_topics([name])
        admin.close()
        eventually(lambda: name not in scene.pipeline.admin.partition_counts(), what="the topic is gone")
        scene.pipeline.admin.ensure_topics()

    return fault


def _wiped(scene: Scene) -> None:
    scene.kafka.stop()
    scene.kafka.wipe()
    scene.kafka.start()
    scene.pipeline.reconnect()
    scene.pipeline.admin.ensure_topics()


def _tail_lost(scene: Scene) -> None:
    """The raw log comes back as it was ten messages ago: a restored volume, a power cut without a replica."""
    folder = scene.kafka.data / f"{topic_name(scene.pipeline.settings, Topic.RAW)}-0"
    scene.kafka.stop()
    shutil.rmtree(folder)
    shutil.copytree(_saved(scene), folder)
    scene.kafka.start()
    scene.pipeline.reconnect()


def _saved(scene: Scene) -> Path:
    return scene.pipeline.folder / "saved"


FAULTS: dict[str, tuple[Callable[[Scene], None], str]] = {
    "raw topic made anew": (_made_anew(Topic.RAW), "made-anew"),
    "topic of the sink made anew": (_made_anew(Topic.ENRICHED), "made-anew"),
    "broker's data wiped": (_wiped, "made-anew"),
    "raw topic has lost its tail": (_tail_lost, "truncated"),
}


def _all_stored(scene: Scene, sent: list[Message]) -> bool:
    return scene.pipeline.stored() >= {(key or b"").decode() for key, _ in sent}


def _disturbed(scene: Scene, fault: str, more: int, options: list[str], *, running: bool) -> list[Message]:
    """Some articles go through, the fault is done, more articles follow; gives those that follow."""
    pipeline = scene.pipeline
    worker = pipeline.faulty_worker(options=["--light", *options]).wait_ready()
    sent = _sent(scene, 0, _BEFORE - _TAIL)
    eventually(lambda: _all_stored(scene, sent), what="the first articles are stored")
    scene.kafka.stop()
    shutil.copytree(
        scene.kafka.data / f"{topic_name(pipeline.settings, Topic.RAW)}-0", _saved(scene), dirs_exist_ok=True
    )
    scene.kafka.start()
    pipeline.reconnect()
    sent += _sent(scene, _BEFORE - _TAIL, _TAIL)
    eventually(lambda: _all_stored(scene, sent), what="ten more articles are stored")
    pipeline.await_lag_zero()
    if not running:
        assert worker.stop() == 0
    FAULTS[fault][0](scene)
    sent = _sent(scene, _BEFORE, more)
    if not running:
        pipeline.faulty_worker(options=["--light", *options]).wait_ready()
    return sent


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(
    ("more", "running"),
    [(_FEWER, True), (_MORE, False)],
    ids=["under running workers", "grown past the old offset meanwhile"],
)
def test_what_is_accepted_after_a_log_has_changed_is_stored(
    scene: Scene, report: Report, fault: str, more: int, running: bool
) -> None:
    what = f"{fault}, {'under running workers' if running else 'and grown past the old offset'}"
    sent = _disturbed(scene, fault, more, [], running=running)
    report.injected(what, len(sent))

    eventually(lambda: _all_stored(scene, sent), within=120, what="all that was accepted since is stored")
    scene.pipeline.await_lag_zero()
    found = [
        finding for finding in checker.unaccounted(scene.pipeline, sent) if finding.harm is not Harm.ALTERED
    ]
    report.found(what, found + checker.in_two_places(scene.pipeline))
    assert not found
    # A broker that deletes a topic deletes the groups' offsets with it: then only who was there can tell.
    if (kind := FAULTS[fault][1]) and (running or kind == "truncated"):
        assert _counted(scene.pipeline.workers, kind) >= 1
        assert "reading it" in scene.pipeline.logs()


def _counted(workers: list[WorkerProcess], kind: str) -> float:
    return sum(
        worker.metric("pipeline_log_faults_total", fault=kind) for worker in workers if worker.is_alive()
    )


def test_a_build_that_trusts_offsets_of_another_log_is_caught(scene: Scene, report: Report) -> None:
    what = "control: raw topic has lost its tail and grown past the old offset, of a build that trusts any offset"
    sent = _disturbed(scene, "raw topic has lost its tail", _MORE, ["--trust-offsets"], running=False)
    report.injected(what, len(sent))
    scene.pipeline.await_lag_zero()
    lost = [finding for finding in checker.unaccounted(scene.pipeline, sent) if finding.harm is Harm.LOST]
    report.found(what, lost)
    assert [len(finding.items) for finding in lost] == [_TAIL]


def test_what_retention_deletes_unread_is_counted_and_the_ledger_never_closes(
    scene: Scene, report: Report
) -> None:
    what = "retention deletes 15 of 20 unread messages"
    pipeline = scene.pipeline
    first = pipeline.faulty_worker(options=["--light"]).wait_ready()
    seen = _sent(scene, 0, _FEWER)
    eventually(lambda: _all_stored(scene, seen), what="the first articles are stored")
    pipeline.await_lag_zero()
    assert first.stop() == 0
    sent = _sent(scene, _FEWER, 20)
    raw = TopicPartition(topic_name(pipeline.settings, Topic.RAW), 0)
    admin = KafkaAdminClient(bootstrap_servers=scene.kafka.address)
    admin.delete_records({raw: _FEWER + 15})
    admin.close()
    report.injected(what, len(sent))
    assert pipeline.ledger().lost_to_retention == 15

    worker = pipeline.faulty_worker(options=["--light"]).wait_ready()
    eventually(lambda: _all_stored(scene, sent[15:]), what="what is left is stored")
    pipeline.await_lag_zero()
    found = checker.unaccounted(pipeline, sent[15:])
    report.found(what, [finding for finding in found if finding.harm is Harm.LOST])
    ledger = pipeline.ledger()
    assert (ledger.lost_to_retention, ledger.closed) == (15, False)
    assert worker.metric("pipeline_log_faults_total", fault="expired") == 1
    eventually(lambda: worker.metric("pipeline_lost_messages", topic=raw.topic) == 15, what="it is shown")
    assert worker.stop() == 0

    # A third worker knows it from the commit: what is lost stays lost.
    pipeline.faulty_worker(options=["--light"]).wait_ready()
    assert not pipeline.ledger().closed


def test_a_worker_with_another_store_refuses(scene: Scene) -> None:
    pipeline = scene.pipeline
    first = pipeline.faulty_worker(options=["--light"]).wait_ready()
    sent = _sent(scene, 0, _FEWER)
    other = pipeline.worker(database_url=f"sqlite:///{pipeline.folder / 'other.db'}")
    assert other.wait() == 2
    assert "has written to another store" in other.log()
    assert "Traceback" not in other.log().rpartition("has written")[2]
    eventually(lambda: _all_stored(scene, sent), what="the first worker goes on alone")
    assert first.is_alive()
