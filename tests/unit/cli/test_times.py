"""Times as people type them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import typer

from pipeline.cli.times import moment


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2027", datetime(2027, 1, 1, tzinfo=UTC)),
        ("2027-03", datetime(2027, 3, 1, tzinfo=UTC)),
        ("2027-03-04", datetime(2027, 3, 4, tzinfo=UTC)),
        (" 2027-03-04T09:30 ", datetime(2027, 3, 4, 9, 30, tzinfo=UTC)),
        ("2027-03-04T09:30+02:00", datetime(2027, 3, 4, 7, 30, tzinfo=UTC)),
    ],
)
def test_years_months_days_and_times(typed: str, meant: datetime) -> None:
    assert moment(typed) == meant


@pytest.mark.parametrize(
    ("typed", "ago"),
    [("7d", timedelta(days=7)), ("12h ago", timedelta(hours=12)), ("2W", timedelta(weeks=2))],
)
def test_so_long_ago(typed: str, ago: timedelta) -> None:
    before = datetime.now(UTC)
    assert before - ago <= moment(typed) <= datetime.now(UTC) - ago


def test_days_by_their_names_are_their_midnights() -> None:
    today = moment("today")
    assert today - moment("yesterday") == timedelta(days=1)
    assert (today.hour, today.minute) == (0, 0)


@pytest.mark.parametrize("typed", ["", "soon", "2027-13", "20271", "999999w", "2027-02-30"])
def test_what_is_no_time_is_said_with_the_forms(typed: str) -> None:
    with pytest.raises(typer.BadParameter, match="give one as 2027, 2027-01"):
        moment(typed)
