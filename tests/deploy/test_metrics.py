"""The metrics as they are scraped: by the conventions, and each explained in docs/metrics.md."""

from __future__ import annotations

import re
import subprocess
import urllib.request
from functools import partial

from tests.deploy.monitored import Monitored
from tests.deploy.programs import PROJECT
from tests.deploy.test_dashboard import names_of_samples
from tests.support.waiting import eventually


def page(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - our own http URL
        return bytes(answer.read())


def test_promtool_finds_nothing_to_say_about_the_metrics(monitored: Monitored, promtool: str) -> None:
    for process in (monitored.worker, monitored.exporter):
        done = subprocess.run(
            [promtool, "check", "metrics"], input=page(process._metrics_url), capture_output=True, check=False
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_every_metric_is_explained() -> None:
    text = (PROJECT / "docs" / "metrics.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"^\| `(pipeline_\w+)`", text, re.MULTILINE))
    declared = {re.sub(r"_(bucket|sum|count)$", "", name) for name in names_of_samples()}
    assert explained == declared


def test_the_exporter_sees_what_the_worker_sees(monitored: Monitored) -> None:
    by_job = "sum by (instance) (pipeline_consumer_lag_messages)"
    offsets = "sum by (instance) (pipeline_committed_offset)"

    def agree(expression: str) -> bool:
        values = [series.values[0][1] for series in monitored.prometheus.at_once(expression)]
        return len(values) == 2 and values[0] == values[1]

    for expression in (by_job, offsets):
        # Each reads the broker in its own time: what the last commit was reaches one before the other.
        eventually(partial(agree, expression), what=expression)


def test_the_exporter_answers_the_probes(monitored: Monitored) -> None:
    assert monitored.exporter.probe("/live") == (200, "ok\n")
    assert monitored.exporter.probe("/ready") == (200, "ok\n")
