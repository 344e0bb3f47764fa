"""How far a replay is."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from pipeline.cli import output
from pipeline.cli.replaying.meter import Meter, metered


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    written = io.StringIO()
    console = Console(file=written, force_terminal=True, width=80, color_system=None)
    monkeypatch.setattr(output, "stderr", console)
    return written


@pytest.mark.usefixtures("screen")
def test_it_goes_by_bytes_until_it_is_known_how_many_articles_there_are() -> None:
    bar = output.progress()
    meter = Meter(bar, "replaying", 1000)
    meter.read(250)
    meter.sent()
    assert (bar.tasks[0].percentage, bar.tasks[0].fields) == (25.0, {"articles": 1})
    meter.known(4)
    meter.read(250)
    for _ in range(3):
        meter.sent()
    assert (bar.tasks[0].percentage, bar.tasks[0].fields) == (75.0, {"articles": 4})


@pytest.mark.usefixtures("screen")
def test_where_the_end_is_open_there_is_no_share() -> None:
    bar = output.progress()
    meter = Meter(bar, "replaying", 1000)
    meter.known(None)
    meter.sent()
    (task,) = bar.tasks
    assert (task.total, task.fields) == (None, {"articles": 1})


def test_articles_rate_and_time_left_have_room_on_a_usual_terminal(screen: io.StringIO) -> None:
    with metered("replaying", 1000) as meter:
        for _ in range(1234):
            meter.sent()
        meter.read(100)
    assert "1,234 articles, " in screen.getvalue()
    assert any("/s" in line and " left " in line for line in screen.getvalue().splitlines())
