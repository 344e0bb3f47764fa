"""The table of a chaos run: what was injected how often, and what the checker found of it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

from tests.chaos.checker import Finding, Harm

_HEAD = ("| fault | times | messages in flight | lost | doubled |", "|---|---:|---:|---:|---:|")


@dataclass
class Figures:
    """One row. `in_flight` are messages on their way when the fault was injected, in all stages and all times."""

    times: int = 0
    in_flight: int = 0
    lost: int = 0
    doubled: int = 0


@dataclass
class Report:
    """The figures by fault, of one run or of several.

    Attributes:
        rows: by the name of the fault.
        seeds: of the runs with faults in random order.
        notes: further lines of this run.
    """

    rows: dict[str, Figures] = field(default_factory=dict)
    seeds: list[int] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def injected(self, fault: str, in_flight: int) -> None:
        """One injection."""
        row = self.rows.setdefault(fault, Figures())
        row.times += 1
        row.in_flight += in_flight

    def found(self, fault: str, findings: Iterable[Finding]) -> None:
        """What the checker found after it, message by message."""
        row = self.rows.setdefault(fault, Figures())
        for finding in findings:
            row.lost += len(finding.items) * (finding.harm is Harm.LOST)
            row.doubled += len(finding.items) * (finding.harm is Harm.DOUBLED)

    def add(self, other: Report) -> None:
        """Take in the figures of another run."""
        self.seeds += other.seeds
        for fault, figures in other.rows.items():
            row = self.rows.setdefault(fault, Figures())
            row.times += figures.times
            row.in_flight += figures.in_flight
            row.lost += figures.lost
            row.doubled += figures.doubled

    def table(self) -> list[str]:
        """The lines of the table in Markdown."""
        return [
            *_HEAD,
            *(
                f"| {fault} | {row.times} | {row.in_flight} | {row.lost} | {row.doubled} |"
                for fault, row in sorted(self.rows.items())
            ),
        ]

    @classmethod
    def read(cls, path: Path) -> Self:
        """The report in a file; an empty one when there is none."""
        if not path.exists():
            return cls()
        found = json.loads(path.read_text(encoding="utf-8"))
        return cls({fault: Figures(**row) for fault, row in found["rows"].items()}, found["seeds"])

    def write(self, path: Path) -> None:
        """Put it into a file, for `read`."""
        path.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")
