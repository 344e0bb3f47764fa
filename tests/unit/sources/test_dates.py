from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sources.dates import parse_date

_NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-01T12:00:00Z",
        "2026-03-01T12:00:00+00:00",
        "2026-03-01T14:00:00+02:00",
        "2026-03-01 12:00",
        " 2026-03-01T12:00:00.000 ",
        "Sun, 01 Mar 2026 12:00:00 GMT",
        "Sun, 01 Mar 2026 07:00:00 -0500",
        "1 Mar 2026 12:00:00 -0000",
        1772366400,
        1772366400.0,
        1772366400000,
        "1772366400",
    ],
)
def test_a_point_in_time_is_read_however_it_is_written(written: object) -> None:
    assert parse_date(written) == _NOON


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (20260301, datetime(2026, 3, 1, tzinfo=UTC)),  # a number, and no seconds of 1970
        ("1 March 2026 10:00 PM", datetime(2026, 3, 1, 22, tzinfo=UTC)),
        ("Mar 1, 2026 10:00 PM CET", datetime(2026, 3, 1, 21, tzinfo=UTC)),
        ("Sun, 01 Mar 2026 22:00:00 CET", datetime(2026, 3, 1, 21, tzinfo=UTC)),
        ("Sun, 01 Mar 2026 22:00:00 EST", datetime(2026, 3, 2, 3, tzinfo=UTC)),
        ("31.03.2026 14:30", datetime(2026, 3, 31, 14, 30, tzinfo=UTC)),
        ("03/31/2026", datetime(2026, 3, 31, tzinfo=UTC)),
        ("31/03/2026", datetime(2026, 3, 31, tzinfo=UTC)),
        ("le 1 mars 2026", datetime(2026, 3, 1, tzinfo=UTC)),
    ],
)
def test_dates_as_people_write_them(written: object, meant: datetime) -> None:
    assert parse_date(written) == meant


def test_a_day_and_a_month_that_may_be_either_are_no_date() -> None:
    assert parse_date("3/4/2026") is None
    assert parse_date("3/3/2026") == datetime(2026, 3, 3, tzinfo=UTC)


def test_a_day_without_a_time_is_its_midnight() -> None:
    assert parse_date("2026-03-01") == parse_date("20260301") == datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "wrong",
    [
        *("", "yesterday", "2026-13-01", "32 Mar 2026", "0001-01-01T00:00:00+14:00", "9" * 400, "٢٠٢٦"),
        *(True, None, [], {}, float("nan"), float("inf"), 1e300, -(10**40)),
    ],
)
def test_what_is_no_date_is_none(wrong: object) -> None:
    assert parse_date(wrong) is None


@given(st.text() | st.integers() | st.floats() | st.binary())
def test_nothing_raises(value: object) -> None:
    assert parse_date(value) is None or parse_date(value).tzinfo is UTC  # type: ignore[union-attr]


@given(
    st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(5000, 1, 1)),  # noqa: DTZ001 - the zone is drawn apart
    st.integers(-14 * 60, 14 * 60),
)
def test_iso_8601_comes_back_as_the_same_point_in_time(moment: datetime, minutes: int) -> None:
    zoned = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert parse_date(zoned.isoformat()) == zoned
