"""Draws the dashboard's panels from Prometheus's answers, as an SVG: what Grafana would show, for the docs."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import groupby

from tests.deploy.dashboard import Panel
from tests.deploy.monitored import Series

Shown = Sequence[tuple[str, Series]]

_WIDTH, _GAP, _HEAD = 1320, 10, 26
_COLUMNS = 24
_HEIGHTS = {"stat": 84, "timeseries": 190, "bargauge": 190}
# Colours that stay apart for those who see colours differently (Okabe and Ito).
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#8c8c00")
_LEGEND_LINES, _LEGEND_HEIGHT = 4, 13

_STYLE = (
    "text{font-family:sans-serif;fill:#222}.row{font-size:15px;font-weight:bold}.title{font-size:12px;"
    "font-weight:bold}.small{font-size:10px;fill:#444}.big{font-size:30px;font-weight:bold;text-anchor:middle}"
    ".panel{fill:#fff;stroke:#ccc}.axis{stroke:#ddd;stroke-width:1}.line{fill:none;stroke-width:1.6}"
)


def draw(shown: Sequence[tuple[Panel, Shown]]) -> str:
    """The whole dashboard; every panel is given with its series and their names."""
    parts: list[str] = []
    y = float(_GAP)
    for row, group in groupby(shown, key=lambda item: item[0].row):
        parts.append(f'<text class="row" x="{_GAP}" y="{y + 16}">{escape(row)}</text>')
        y += _HEAD
        x, tallest = float(_GAP), 0.0
        for panel, series in group:
            width = (_WIDTH - _GAP) * panel.width / _COLUMNS - _GAP
            if x + width > _WIDTH:
                x, y = float(_GAP), y + tallest + _GAP
            tallest = float(_HEIGHTS[panel.kind])
            parts.append(_panel(panel, series, at=(x, y), size=(width, tallest)))
            x += width + _GAP
        y += tallest + _GAP
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {y:.0f}" width="{_WIDTH}" '
        f'height="{y:.0f}"><style>{_STYLE}</style><rect width="100%" height="100%" fill="#f4f5f5"/>'
        f"{''.join(parts)}</svg>\n"
    )


def _panel(panel: Panel, shown: Shown, *, at: tuple[float, float], size: tuple[float, float]) -> str:
    (x, y), (width, height) = at, size
    body = {"stat": _stat, "timeseries": _lines, "bargauge": _bars}[panel.kind]
    return (
        f'<g transform="translate({x:.1f} {y:.1f})"><rect class="panel" width="{width:.1f}" height="{height}"/>'
        f'<text class="title" x="8" y="17">{escape(panel.title)}</text>{body(panel, shown, width, height)}</g>'
    )


def _stat(panel: Panel, shown: Shown, width: float, height: float) -> str:
    value = _text(shown[0][1].values[-1][1], panel.unit)
    return f'<text class="big" x="{width / 2:.1f}" y="{height - 20}">{value}</text>'


def _bars(panel: Panel, shown: Shown, width: float, height: float) -> str:
    longest = max((series.values[-1][1] for _, series in shown), default=0) or 1
    step = min(24.0, (height - 32) / max(1, len(shown)))
    parts = []
    for index, (name, series) in enumerate(sorted(shown, key=lambda item: -item[1].values[-1][1])):
        value = series.values[-1][1]
        top = 28 + index * step
        room = width - 170
        parts.append(
            f'<text class="small" x="8" y="{top + step * 0.7:.1f}">{escape(name)}</text>'
            f'<rect x="110" y="{top + 2:.1f}" width="{room * value / longest:.1f}" height="{step - 5:.1f}" '
            f'fill="{_COLOURS[0]}"/><text class="small" x="{116 + room * value / longest:.1f}" '
            f'y="{top + step * 0.7:.1f}">{_text(value, panel.unit)}</text>'
        )
    return "".join(parts)


def _lines(panel: Panel, shown: Shown, width: float, height: float) -> str:
    times = [at for _, series in shown for at, _ in series.values]
    first, last = min(times), max(times)
    top_value = max(value for _, series in shown for _, value in series.values) or 1.0
    legend = min(_LEGEND_LINES, -(-len(shown) // 2)) * _LEGEND_HEIGHT
    left, top, right, bottom = 48.0, 28.0, width - 10, height - 12 - legend

    def place(at: float, value: float) -> str:
        across = (at - first) / ((last - first) or 1)
        return f"{left + across * (right - left):.1f},{bottom - value / top_value * (bottom - top):.1f}"

    parts = [
        f'<line class="axis" x1="{left}" x2="{right:.1f}" y1="{level:.1f}" y2="{level:.1f}"/>'
        f'<text class="small" x="4" y="{level + 3:.1f}">{_text(value, panel.unit)}</text>'
        for level, value in ((bottom, 0.0), ((top + bottom) / 2, top_value / 2), (top, top_value))
    ]
    for index, (name, series) in enumerate(shown):
        colour = _COLOURS[index % len(_COLOURS)]
        points = " ".join(place(at, value) for at, value in series.values)
        parts.append(f'<polyline class="line" stroke="{colour}" points="{points}"/>')
        line, column = divmod(index, 2)
        if name and line < _LEGEND_LINES:
            x, y = 8 + column * (width - 16) / 2, bottom + 16 + line * _LEGEND_HEIGHT
            parts.append(
                f'<rect x="{x:.1f}" y="{y - 7:.1f}" width="10" height="3" fill="{colour}"/>'
                f'<text class="small" x="{x + 14:.1f}" y="{y - 2:.1f}">{escape(name)}</text>'
            )
    return "".join(parts)


def _text(value: float, unit: str) -> str:
    if unit == "percentunit":
        return f"{100 * value:.0f} %"
    number = f"{value:.0f}" if value == round(value) or value >= 100 else f"{value:.2g}"
    return f"{number} {'s' if unit == 's' else '/s'}" if unit in {"s", "cps"} else number
