"""Small charts: numbers as rectangles, which a template draws as SVG."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pipeline.stores.questions import HourlyArticles

_SERIES = 5
_DAYS = 366
_FEWEST_DAYS = 14  # or a single day would fill the chart
OTHERS = "others"
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle of a series, in hundredths of the chart's width and height, the origin at the upper left."""

    series: int
    x: float
    y: float
    width: float
    height: float
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Stacked bars. `rows` are the same numbers for whoever does not see them: the place, and one a series."""

    title: str
    series: tuple[str, ...]
    bars: tuple[Bar, ...]
    top: int
    first: str
    last: str
    rows: tuple[tuple[str, tuple[int, ...]], ...]


def stacked(title: str, places: Sequence[str], counts: Mapping[str, Mapping[str, int]]) -> Chart:
    """Draw how many of each series there are at each place.

    Args:
        title: what is counted.
        places: along the axis, in order.
        counts: by place and series. The series with most are shown by themselves, the rest as one.
    """
    totals: Counter[str] = Counter()
    for of_place in counts.values():
        totals.update(of_place)
    named = [name for name, _ in sorted(totals.items(), key=lambda one: (-one[1], one[0]))]
    shown = named if len(named) <= _SERIES + 1 else [*named[:_SERIES], OTHERS]
    rows = []
    for place in places:
        of_place = counts.get(place, {})
        numbers = [of_place.get(name, 0) for name in shown]
        if len(named) > len(shown):
            numbers[-1] = sum(of_place.values()) - sum(numbers[:-1])
        rows.append((place, tuple(numbers)))
    top = max((sum(numbers) for _, numbers in rows), default=0)
    return Chart(
        title,
        tuple(shown),
        tuple(_bars(rows, shown, top)),
        top,
        places[0] if places else "",
        places[-1] if places else "",
        tuple(row for row in rows if any(row[1])),
    )


def _bars(rows: Sequence[tuple[str, tuple[int, ...]]], names: Sequence[str], top: int) -> Iterable[Bar]:
    pitch = 100 / max(1, len(rows))
    for index, (place, numbers) in enumerate(rows):
        base = 100.0
        for series, number in enumerate(numbers):
            if number:
                height = 100 * number / top
                base -= height
                yield Bar(
                    series,
                    round(index * pitch, 3),
                    round(base, 3),
                    round(pitch * 0.84, 3),
                    round(height, 3),
                    f"{place}: {number} {names[series]}",
                )


def by_hour(found: Sequence[HourlyArticles], of: str, *, hours: int) -> Chart | None:
    """Articles an hour, by `language` or `source`; None where there are none."""
    if not found:
        return None
    counts: dict[str, Counter[str]] = {}
    for one in found:
        name = (one.language or UNKNOWN) if of == "language" else one.source
        counts.setdefault(_hour(one.hour), Counter())[name] += one.articles
    last = datetime.strptime(max(one.hour for one in found), "%Y-%m-%dT%H").replace(tzinfo=UTC)
    places = [f"{last - timedelta(hours=back):%d %b %H:00}" for back in reversed(range(hours))]
    return stacked(f"articles an hour by {'outlet' if of == 'source' else of}", places, counts)


def _hour(written: str) -> str:
    return f"{datetime.strptime(written, '%Y-%m-%dT%H').replace(tzinfo=UTC):%d %b %H:00}"


def by_day(title: str, counts: Mapping[str, int]) -> Chart | None:
    """Numbers by day, with the days between that have none; of very long times the last year."""
    if not counts:
        return None
    days = [datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC) for day in counts]
    last = max(days)
    first = max(min(*days, last - timedelta(days=_FEWEST_DAYS - 1)), last - timedelta(days=_DAYS - 1))
    places = [f"{first + timedelta(days=day):%Y-%m-%d}" for day in range((last - first).days + 1)]
    return stacked(title, places, {day: {"": number} for day, number in counts.items()})
