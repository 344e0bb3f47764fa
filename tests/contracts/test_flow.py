"""What stands elsewhere about the flow, held against pipeline/flow.py: deployment, alerts, dashboard, documents."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.flow import FLOW, Topic, drawing
from pipeline.kafka.topics import declared, topic_name
from pipeline.settings import Settings

PROJECT = Path(__file__).resolve().parents[2]
BASE = PROJECT / "deploy" / "kubernetes" / "base"
SETTINGS = Settings(_env_file=None)
STEPS = [step.name for step in FLOW.steps]


def text(path: str) -> str:
    return (PROJECT / path).read_text(encoding="utf-8")


def manifests() -> list[dict[str, Any]]:
    return [
        one for path in BASE.glob("*.yaml") for one in yaml.safe_load_all(path.read_text(encoding="utf-8"))
    ]


def commands() -> list[list[str]]:
    """What the services of the compose file and the pods of the manifests run."""
    services = yaml.safe_load(text("docker-compose.yml"))["services"]
    pods = [one["spec"]["template"]["spec"] for one in manifests() if one["kind"] == "Deployment"]
    return [
        *(service.get("command", []) for service in services.values()),
        *(container["args"] for pod in pods for container in pod["containers"]),
    ]


@pytest.mark.parametrize(
    "page", ["README.md", "docs/architecture.md", "pipeline/flow.py", "pipeline/stream/hops.py"]
)
def test_a_page_shows_the_flow_as_it_is(page: str) -> None:
    assert drawing() in text(page)
    assert text(page).count("─▶ news.") == drawing().count("─▶ news.")


def test_every_topic_that_has_a_name_is_in_the_flow_and_is_made() -> None:
    assert set(FLOW.topics) == set(Topic)
    assert [spec.topic for spec in declared(SETTINGS)] == list(FLOW.topics)


def test_names_that_others_rely_on_are_as_ever() -> None:
    assert [topic_name(SETTINGS, topic) for topic in FLOW.topics] == [
        "news.raw",
        "news.deduplicated",
        "news.with-entities",
        "news.enriched",
        "news.clusters",
        "news.alerts",
        "news.dead-letter",
    ]
    assert [SETTINGS.group(step) for step in STEPS] == [
        "news-pipeline.duplicates",
        "news-pipeline.entities",
        "news-pipeline.quotes",
        "news-pipeline.sink",
    ]


def test_every_step_has_one_service_and_one_deployment() -> None:
    workers = [command[1:] for command in commands() if command[:1] == ["worker"]]
    assert sorted(workers) == sorted(["--stage", step] for step in STEPS * 2)


def test_what_scales_looks_at_the_group_and_the_topic_of_its_step() -> None:
    triggers = {
        one["spec"]["scaleTargetRef"]["name"]: one["spec"]["triggers"][0]["metadata"]
        for one in manifests()
        if one["kind"] == "ScaledObject"
    }
    several = {spec.topic for spec in declared(SETTINGS) if spec.partitions > 1}
    assert set(triggers) == {step.name for step in FLOW.steps if step.reads in several}
    for name, trigger in triggers.items():
        assert trigger["consumerGroup"] == SETTINGS.group(name)
        assert trigger["topic"] == topic_name(SETTINGS, FLOW[name].reads)


@pytest.mark.parametrize(
    "path", ["deploy/prometheus/alerts.yml", "deploy/kubernetes/base/prometheusrule.yaml"]
)
def test_the_alerts_miss_every_step_that_no_worker_runs_and_name_no_other(path: str) -> None:
    assert sorted(re.findall(r'absent\(pipeline_ready\{stage="([^"]+)"\}\)', text(path))) == sorted(STEPS)
    assert set(re.findall(r'stage[!=]~?="?([a-z-]+)"', text(path))) <= set(STEPS)


def test_the_dashboard_names_no_stage_that_is_not_there() -> None:
    dashboard = json.dumps(json.loads(text("deploy/grafana/dashboards/pipeline.json")))
    assert set(re.findall(r'stage=\\+"([a-z-]+)', dashboard)) <= set(STEPS)


def test_only_the_steps_that_write_to_the_store_have_its_password() -> None:
    services = yaml.safe_load(text("docker-compose.yml"))["services"]
    having = {name for name in STEPS if "PIPELINE_DATABASE_URL_FILE" in services[name]["environment"]}
    assert having == set(FLOW.writing)
