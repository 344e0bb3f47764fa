"""The dashboard as the tests see it: panels and their queries."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.deploy.programs import DEPLOY

DASHBOARD = DEPLOY / "grafana" / "dashboards" / "pipeline.json"

# What Grafana puts in for its variables, here fitting a run of seconds.
_VARIABLES = {"$stage": ".*", "$source": ".*", "$__rate_interval": "20s", "$__range": "5m"}


@dataclass(frozen=True, slots=True)
class Query:
    """One query of a panel: PromQL as Prometheus takes it, how to name its series, at one time or over time."""

    expression: str
    legend: str
    instant: bool


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel: `row` is the heading it stands under."""

    row: str
    title: str
    kind: str
    unit: str
    width: int
    queries: tuple[Query, ...]


def dashboard() -> dict[str, Any]:
    """The file."""
    loaded: dict[str, Any] = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    return loaded


def panels() -> Iterator[Panel]:
    """All panels in the order of the file."""
    row = ""
    for panel in dashboard()["panels"]:
        if panel["type"] == "row":
            row = panel["title"]
        else:
            yield Panel(
                row,
                panel["title"],
                panel["type"],
                panel["fieldConfig"]["defaults"]["unit"],
                panel["gridPos"]["w"],
                tuple(
                    Query(_filled(target["expr"]), target["legendFormat"], target.get("instant", False))
                    for target in panel["targets"]
                ),
            )


def _filled(expression: str) -> str:
    for variable, value in _VARIABLES.items():
        expression = expression.replace(variable, value)
    return expression
