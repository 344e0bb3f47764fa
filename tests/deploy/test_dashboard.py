"""The Grafana dashboard: its file, and every query of it on a real run."""

from __future__ import annotations

import math
import re
from itertools import combinations
from pathlib import Path

import promql_parser
import pytest
import yaml
from prometheus_client import REGISTRY

from pipeline.watch import metrics as declared_metrics
from tests.deploy.dashboard import Panel, dashboard, panels
from tests.deploy.monitored import Monitored, Series
from tests.deploy.picture import draw
from tests.deploy.programs import DEPLOY, PROJECT

PANELS = list(panels())
QUESTIONS = [
    "Is it healthy?",
    "How far behind?",
    "How fast?",
    "How slow?",
    "What fails?",
    "What comes in?",
    "What was found?",
    "What do the feeds bring?",
    "Who is told?",
]
_RUN_SECONDS = 60.0


def names_of_samples() -> set[str]:
    assert declared_metrics.MESSAGES
    suffixes = {
        "counter": ["_total"],
        "histogram": ["_bucket", "_sum", "_count"],
        "info": ["_info"],
        "gauge": [""],
    }
    return {
        f"{metric.name}{suffix}"
        for metric in REGISTRY.collect()
        if metric.name.startswith("pipeline_")
        for suffix in suffixes[metric.type]
    }


def names_in(expression: str) -> set[str]:
    return set(re.findall(r"(?<![:\w])pipeline_\w+", expression))


def test_the_rows_are_the_questions_of_whoever_is_called() -> None:
    rows = [panel["title"] for panel in dashboard()["panels"] if panel["type"] == "row"]
    assert rows == QUESTIONS


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel.title)
def test_every_query_is_valid_promql_on_declared_metrics(panel: Panel) -> None:
    assert panel.queries
    for query in panel.queries:
        promql_parser.parse(query.expression)
        assert names_in(query.expression) <= names_of_samples()


def test_every_declared_metric_of_the_flow_is_on_the_dashboard_or_in_an_alert() -> None:
    shown = " ".join(query.expression for panel in PANELS for query in panel.queries)
    for rules in ("rules.yml", "alerts.yml"):
        shown += (DEPLOY / "prometheus" / rules).read_text()
    unused = {name for name in names_of_samples() if name not in names_in(shown)}
    unused = {name for name in unused if not name.endswith(("_sum", "_count", "_bucket"))}
    assert unused == {"pipeline_build_info"}


def test_what_is_told_by_stage_can_be_narrowed_to_some() -> None:
    loaded = dashboard()
    declared = {variable["name"] for variable in loaded["templating"]["list"]}
    assert declared == {"stage", "source", "docs"}
    expressions = [target["expr"] for panel in loaded["panels"] for target in panel.get("targets", [])]
    by_stage = [
        one for one in expressions if re.search(r"by \([^)]*\bstage\b", one) and "pipeline_ready" not in one
    ]
    assert len(by_stage) == len([one for one in expressions if "$stage" in one]) > 5


def test_what_is_told_by_outlet_can_be_narrowed_to_some() -> None:
    by_outlet = [query for query in _raw_expressions() if "by (source)" in query]
    assert by_outlet
    assert all('source=~"$source"' in query for query in by_outlet)


def test_what_fails_leads_to_what_to_do() -> None:
    headings = {
        "#" + line.removeprefix("## ").strip().lower()
        for line in (PROJECT / "docs" / "runbook.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("## ")
    }
    row, without = "", []
    for panel in dashboard()["panels"]:
        if panel["type"] == "row":
            row = panel["title"]
            continue
        links = panel.get("links", [])
        assert all(link["url"].startswith("${docs}/runbook/#") for link in links)
        assert {link["url"].partition("/runbook/")[2] for link in links} <= headings
        if row == "What fails?" and not links:
            without.append(panel["title"])
    assert not without


def _raw_expressions() -> list[str]:
    return [target["expr"] for panel in dashboard()["panels"] for target in panel.get("targets", [])]


def test_panels_have_a_place_of_their_own_and_say_what_they_show() -> None:
    loaded = dashboard()
    ids = [panel["id"] for panel in loaded["panels"]]
    assert len(set(ids)) == len(ids)
    for one, other in combinations([panel["gridPos"] for panel in loaded["panels"]], 2):
        apart_x = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        apart_y = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert apart_x or apart_y
    for panel in loaded["panels"]:
        if panel["type"] != "row":
            assert panel["description"].endswith(".")


def test_the_dashboard_asks_for_the_provisioned_data_source() -> None:
    provisioned = yaml.safe_load(
        (DEPLOY / "grafana/provisioning/datasources/prometheus.yml").read_text(encoding="utf-8")
    )
    uid = provisioned["datasources"][0]["uid"]
    for panel in dashboard()["panels"]:
        for target in panel.get("targets", []):
            assert target["datasource"]["uid"] == uid


def seen(monitored: Monitored, panel: Panel) -> list[tuple[str, Series]]:
    """The series of a panel with their names; without those that have no number in them."""
    found: list[tuple[str, Series]] = []
    for query in panel.queries:
        if query.instant:
            answer = monitored.prometheus.at_once(query.expression)
        else:
            answer = monitored.prometheus.over_time(query.expression, seconds=_RUN_SECONDS)
        for series in answer:
            numbers = [(at, value) for at, value in series.values if math.isfinite(value)]
            if numbers:
                name = re.sub(
                    r"\{\{(\w+)\}\}",
                    lambda label, labels=series.labels: labels.get(label.group(1), ""),  # type: ignore[misc]
                    query.legend,
                )
                found.append((name, Series(series.labels, numbers)))
    return found


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel.title)
def test_no_panel_is_empty_on_a_real_run(panel: Panel, monitored: Monitored) -> None:
    assert seen(monitored, panel)


def test_the_panels_show_what_happened(monitored: Monitored) -> None:
    shown = {
        panel.title: {name: series.values[-1][1] for name, series in seen(monitored, panel)}
        for panel in PANELS
    }
    assert shown["Stages ready"] == {"": 4}
    assert shown["Workers"] == {"": 2}
    assert shown["Messages waiting"] == {"": 0}
    assert shown["Dead letters open"] == {"": 3}
    assert shown["Dead letters open, by reason"]["not-json"] == 3
    assert set(shown["Articles by verdict"]) >= {"original", "exact", "near"}
    assert 0 < shown["Ingest to store, 95 %"][""] < 60
    assert shown["Articles in the duplicate index"]["articles"] >= 36


def test_the_picture_has_all_panels(
    monitored: Monitored, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    drawn = draw([(panel, seen(monitored, panel)) for panel in PANELS])
    for panel in PANELS:
        assert panel.title.replace("&", "&amp;") in drawn
    wanted = pytestconfig.getoption("picture", default=None)
    (PROJECT / wanted if wanted else tmp_path / "dashboard.svg").write_text(drawn, encoding="utf-8")
