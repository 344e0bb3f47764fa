"""Faults at random moments under load: nothing is lost, nothing is there twice, and all rows are as without them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from pipeline.topics import STAGES
from tests.chaos import checker
from tests.chaos.conftest import Report
from tests.chaos.load import Load
from tests.chaos.scene import FAULTS, Scene
from tests.support.pipelines import LivePipeline

_LAG_ZERO_SECONDS = 240.0
_MEMORY_LIMIT = 700 * 1024 * 1024


def _drawn(scene: Scene) -> Iterator[str]:
    """Faults in random order: all of them once before any comes again."""
    while True:
        yield from scene.dice.sample(sorted(FAULTS), len(FAULTS))


@pytest.mark.timeout(3600)
def test_faults_under_load_leave_what_an_undisturbed_run_leaves(
    scene: Scene, seed: int, rounds: int, report: Report
) -> None:
    scene.start_worker()
    scene.start_worker()
    findings: list[str] = []
    with Load(scene.pipeline.settings, seed) as load:
        scene.await_progress()
        for fault in itertools.islice(_drawn(scene), rounds):
            report.note(fault, scene.in_flight())
            FAULTS[fault](scene)
            scene.await_progress()
            found = checker.committed_but_not_durable(scene.pipeline)
            findings += [f"after {fault}: {finding}" for finding in found]
            report.lost[fault] += len(found)
    scene.pipeline.await_lag_zero(within=_LAG_ZERO_SECONDS)

    findings += checker.unaccounted(scene.pipeline, load.acknowledged)
    findings += checker.committed_but_not_durable(scene.pipeline)
    findings += checker.altered_letters(scene.pipeline)
    findings += [
        f"a worker has {worker.memory()} bytes" for worker in scene.workers if worker.memory() > _MEMORY_LIMIT
    ]
    with _undisturbed(scene) as calm:
        findings += checker.other_rows(scene.pipeline, calm)
        findings += checker.unaccounted(calm, load.acknowledged)

    assert not findings, f"--chaos-seed={seed}:\n" + "\n".join(findings)


@contextmanager
def _undisturbed(scene: Scene) -> Iterator[LivePipeline]:
    """The same messages in the same order through a pipeline of its own that nothing happens to."""
    url = scene.postgres.new_database()
    with LivePipeline(scene.kafka.address, scene.pipeline.folder / "calm", database_url=url) as calm:
        calm.publish_bytes(checker.raw_messages(scene.pipeline))
        worker = calm.faulty_worker().wait_ready()
        calm.await_lag_zero(within=_LAG_ZERO_SECONDS)
        for stage in STAGES:
            done = worker.metric("pipeline_messages_total", stage=stage)
            committed = sum(
                lag.committed or 0 for lag in calm.lags() if lag.group == calm.settings.group(stage)
            )
            assert done == committed, f"{stage}: {done} messages counted, {committed} committed"
        yield calm
