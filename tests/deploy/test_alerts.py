"""The alerts: valid, tried in both directions, and each with its section in the runbook."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.programs import DEPLOY, PROJECT

TESTS = Path(__file__).parent / "alerts.test.yml"
RULES = [DEPLOY / "prometheus" / name for name in ("rules.yml", "alerts.yml")]
ALERTS: list[dict[str, Any]] = yaml.safe_load(RULES[1].read_text())["groups"][0]["rules"]
NAMES = [alert["alert"] for alert in ALERTS]


def test_the_rules_are_valid(promtool: str) -> None:
    subprocess.run([promtool, "check", "rules", *map(str, RULES)], check=True, capture_output=True)


def test_the_configuration_is_valid(promtool: str) -> None:
    file = DEPLOY / "prometheus" / "prometheus.yml"
    subprocess.run([promtool, "check", "config", "--syntax-only", str(file)], check=True, capture_output=True)


def test_alerts_fire_when_they_should_and_not_when_they_should_not(promtool: str) -> None:
    done = subprocess.run(
        [promtool, "test", "rules", str(TESTS)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", NAMES)
def test_an_alert_is_tried_in_both_directions(name: str) -> None:
    cases = [
        case
        for test in yaml.safe_load(TESTS.read_text())["tests"]
        for case in test["alert_rule_test"]
        if case["alertname"] == name
    ]
    assert any(case["exp_alerts"] for case in cases)
    assert any(not case["exp_alerts"] for case in cases)


@pytest.mark.parametrize("alert", ALERTS, ids=NAMES)
def test_an_alert_waits_has_a_severity_and_leads_to_its_section_of_the_runbook(alert: dict[str, Any]) -> None:
    assert alert["for"]
    assert alert["labels"]["severity"] in {"critical", "warning", "info"}
    page, anchor = alert["annotations"]["runbook_url"].split("#")
    headings = re.findall(r"^#+ (.+)$", (PROJECT / page).read_text(encoding="utf-8"), re.MULTILINE)
    assert anchor in {heading.lower() for heading in headings}
    assert anchor == alert["alert"].lower()
