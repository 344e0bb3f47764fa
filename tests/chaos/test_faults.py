"""Faults at random moments under load: nothing is lost, nothing is there twice, and all rows are as without them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from pipeline.flow import FLOW
from tests.chaos import checker
from tests.chaos.checker import Finding
from tests.chaos.load import Load
from tests.chaos.report import Report
from tests.chaos.scene import FAULTS, Scene
from tests.support.pipelines import LivePipeline

_LAG_ZERO_SECONDS = 240.0
_MEMORY_LIMIT = 700 * 1024 * 1024
_END = "a run, at its end: all that was acknowledged"


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
    findings: list[Finding] = []
    lines: list[str] = []
    report.seeds.append(seed)
    with Load(scene.pipeline.settings, seed) as load:
        scene.await_progress()
        for fault in itertools.islice(_drawn(scene), rounds):
            report.injected(fault, scene.in_flight())
            FAULTS[fault](scene)
            scene.await_progress()
            found = checker.committed_but_not_durable(scene.pipeline) + checker.in_two_places(scene.pipeline)
            new = [finding.beyond(findings) for finding in found]
            report.found(fault, new)
            findings += new
            lines += [f"after {fault}: {finding}" for finding in new if finding.items]
    scene.pipeline.await_lag_zero(within=_LAG_ZERO_SECONDS)

    memory = max(worker.memory() for worker in scene.workers)
    report.injected(_END, len(load.acknowledged))
    at_the_end = checker.after_all(scene.pipeline, load.acknowledged)
    with _undisturbed(scene) as calm:
        at_the_end += checker.other_rows(scene.pipeline, calm)
        at_the_end += checker.after_all(calm, load.acknowledged)
    report.found(_END, at_the_end)
    lines += [f"at the end: {finding}" for finding in at_the_end]

    assert not lines, f"--chaos-seed={seed}:\n" + "\n".join(lines)
    assert memory < _MEMORY_LIMIT, f"--chaos-seed={seed}"


@contextmanager
def _undisturbed(scene: Scene) -> Iterator[LivePipeline]:
    """The same messages in the same order through a pipeline of its own that nothing happens to."""
    url = scene.postgres.new_database()
    with LivePipeline(scene.kafka.address, scene.pipeline.folder / "calm", database_url=url) as calm:
        calm.publish_bytes(checker.raw_messages(scene.pipeline))
        worker = calm.faulty_worker().wait_ready()
        calm.await_lag_zero(within=_LAG_ZERO_SECONDS)
        for stage in FLOW.sources:
            done = worker.metric("pipeline_messages_total", stage=stage)
            committed = sum(
                lag.committed or 0 for lag in calm.lags() if lag.group == calm.settings.group(stage)
            )
            assert done == committed, f"{stage}: {done} messages counted, {committed} committed"
        yield calm
