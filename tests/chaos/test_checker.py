"""The checker is checked: a build that commits before it flushes has to be caught."""

from __future__ import annotations

import pytest

from pipeline.record.codec import encode
from tests.chaos import checker
from tests.chaos.report import Report
from tests.chaos.scene import Scene
from tests.support.articles import articles
from tests.support.waiting import eventually

_COUNT = 400


def _committed(scene: Scene, stage: str) -> int:
    group = scene.pipeline.settings.group(stage)
    return sum(lag.committed or 0 for lag in scene.pipeline.lags() if lag.group == group)


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("build", "options"),
    [("as it is", ()), ("that commits before it flushes", ("--commit-before-flush",))],
    ids=["as it is", "broken"],
)
def test_a_build_that_commits_before_it_flushes_is_caught(
    scene: Scene, report: Report, build: str, options: tuple[str, ...]
) -> None:
    fault = f"control: sink killed (SIGKILL), of a build {build}"
    pipeline = scene.pipeline
    sent = [(article.article_id.encode(), encode(article)) for article in articles(_COUNT)]
    pipeline.publish_bytes(sent)
    pipeline.faulty_worker("duplicates", "entities", "quotes", options=["--light"]).wait_ready()
    sink = pipeline.faulty_worker("sink", options=["--slow-sink", "0.05", *options]).wait_ready()
    eventually(lambda: _committed(scene, "sink") > 0, what="the sink has committed something")

    report.injected(fault, scene.in_flight())
    sink.kill()
    durable = checker.committed_but_not_durable(pipeline)
    pipeline.faulty_worker("sink").wait_ready()
    pipeline.await_lag_zero()
    lost = checker.unaccounted(pipeline, sent)
    report.found(fault, lost + checker.in_two_places(pipeline))

    assert bool(durable) is bool(options), durable
    assert bool(lost) is bool(options), lost
