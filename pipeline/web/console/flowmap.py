"""The flow as a drawing: boxes, lines and words with their places, from pipeline/flow.py and nothing else."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from pipeline.flow import FLOW, Flow

BOX_WIDTH, BOX_HEIGHT = 140, 78
_GAP = 128
_LEFT, _TOP = 12, 74
_BELOW = 66


@dataclass(frozen=True, slots=True)
class Box:
    """A step, or the store at the end (`stage` is then "")."""

    stage: str
    label: str
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Line:
    """A way of records: the path as SVG has it, its words and where they stand."""

    path: str
    label: str
    x: int
    y: int
    kind: str


@dataclass(frozen=True, slots=True)
class FlowMap:
    """The drawing, in units of a point."""

    width: int
    height: int
    box_width: int
    box_height: int
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]


def flow_map(flow: Flow = FLOW, prefix: str = "news") -> FlowMap:
    """Draw the flow from left to right: what leaves the way of most above it, dead letters below."""
    pitch = BOX_WIDTH + _GAP
    begins = {step.reads: _LEFT + index * pitch + _GAP for index, step in enumerate(flow.steps)}
    middle = _TOP + BOX_HEIGHT // 2
    below = _TOP + BOX_HEIGHT + _BELOW
    boxes = []
    lines = []
    for step in flow.steps:
        x = begins[step.reads]
        boxes.append(Box(step.name, step.name, x, _TOP))
        lines.append(
            Line(
                f"M{x - _GAP + 4} {middle}H{x - 4}",
                f"{prefix}.{step.reads}",
                x - _GAP // 2,
                middle - 9,
                "way",
            )
        )
        main = Counter(step.writes.values()).most_common(1)[0][0]
        for outcome, to in step.writes.items():
            if to is not None and to != main:
                start, end = x + BOX_WIDTH // 2, begins[to] - 20
                lines.append(
                    Line(
                        f"M{start} {_TOP}V{_TOP - 34}H{end}V{middle - 24}",
                        outcome,
                        (start + end) // 2,
                        _TOP - 40,
                        "branch",
                    )
                )
        foot = x + BOX_WIDTH // 2
        lines.append(Line(f"M{foot} {_TOP + BOX_HEIGHT}V{below - 4}", "", 0, 0, "letter"))
        if step.announces:
            lines.append(
                Line(
                    f"M{x + 26} {_TOP + BOX_HEIGHT}V{_TOP + BOX_HEIGHT + 22}",
                    f"{prefix}.{step.announces}",
                    x + 6,
                    _TOP + BOX_HEIGHT + 38,
                    "told",
                )
            )
    end = _LEFT + len(flow.steps) * pitch + _GAP // 2
    lines.append(Line(f"M{end - _GAP // 2 + 4} {middle}H{end - 4}", "", 0, 0, "way"))
    boxes.append(Box("", "store", end, _TOP))
    return FlowMap(end + BOX_WIDTH + _LEFT, below + 40, BOX_WIDTH, BOX_HEIGHT, tuple(boxes), tuple(lines))


def letters_line(drawn: FlowMap) -> int:
    """The height at which dead letters are gathered."""
    return drawn.height - 40
