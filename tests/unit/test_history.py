"""The history of figures: what a script appends, and what the site draws of it."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from benchmarks import history
from docs.site import drawings, on_page_markdown


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "results.jsonl"
    monkeypatch.setattr(history, "RESULTS", path)
    return path


def given(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    history.add_option(parser)
    return parser.parse_args(words)


def line(benchmark: str, commit: str, **figures: float) -> dict[str, Any]:
    return {
        "benchmark": benchmark,
        "commit": commit,
        "at": "2031-05-04T09:30:00Z",
        "machine": "Abacus",
        "figures": figures,
    }


def test_a_script_appends_a_line_only_when_it_is_asked_to(results: Path) -> None:
    history.record(given(), "hop", {"messages/s": 5_882.4})
    assert not results.exists()
    history.record(given("--record"), "hop", {"messages/s": 5_882.4})
    history.record(given("--record"), "hop", {"messages/s": 6_001.0})
    first, second = map(json.loads, results.read_text().splitlines())
    assert (first["benchmark"], first["figures"]) == ("hop", {"messages/s": 5_882})
    assert second["figures"] == {"messages/s": 6_001}
    assert first["commit"]
    assert first["at"].endswith("Z")


def test_each_figure_is_drawn_with_a_point_for_each_line_that_has_it() -> None:
    drawn = "\n".join(drawings([line("hop", "a1", speed=2), line("hop", "b2", speed=4, size=1)]))
    assert drawn.count("<svg") == 2
    svg = ET.fromstring(drawn[drawn.index("<svg") : drawn.index("</svg>") + 6])  # noqa: S314 - our own
    points = [(float(dot.get("cx", "")), float(dot.get("cy", ""))) for dot in svg.iter("circle")]
    assert len(points) == 2
    assert points[0][0] < points[1][0]
    assert points[0][1] > points[1][1]  # twice as much is higher up
    assert [dot.findtext("title") for dot in svg.iter("circle")] == [
        "a1 (2031-05-04): 2",
        "b2 (2031-05-04): 4",
    ]


def test_benchmarks_are_drawn_apart_and_names_are_text() -> None:
    drawn = "\n".join(drawings([line("hop", "a1", **{"<b> & more": 1}), line("worker", "a1", speed=-1)]))
    assert "## Hop" in drawn
    assert "## Worker" in drawn
    assert "&lt;b&gt; &amp; more" in drawn
    assert "<b>" not in drawn


def test_a_page_without_the_mark_stays_as_it_is() -> None:
    assert on_page_markdown("# A page", page=None) == "# A page"
    assert "<!-- drawings -->" not in on_page_markdown("# History\n<!-- drawings -->\n", page=None)
