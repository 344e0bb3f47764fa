"""How far a replay has come, and whose progress that is: the rules. Where it is kept: `keeping`."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from pipeline.cli.replaying.rounds import BEGINNING, Place

Options = dict[str, str | int | bool | None]


@dataclass(frozen=True, slots=True)
class Bounds:
    """Which dates are replayed: `since` and later, before `until`. A bound that is None is none."""

    since: datetime | None = None
    until: datetime | None = None


class Note(BaseModel):
    """How far a replay has come.

    Attributes:
        form: what it is, for whoever finds it.
        options: whatever decides which articles there are, in which order, and where they go.
        files: a fingerprint of the files: their paths, sizes and times of change.
        bounds: what `--since 7d` and the like meant when the replay began, and mean until its end.
        place: behind the last article that the broker has, without a gap.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    form: Literal["progress of pipeline replay, 1"] = "progress of pipeline replay, 1"
    options: Options
    files: str
    bounds: Bounds = Bounds()
    place: Place = BEGINNING

    def other(self, new: Note) -> str | None:
        """In which way it is of another replay than a new note; None where both are of the same."""
        differing = [
            name
            for name in sorted(self.options.keys() | new.options.keys())
            if self.options.get(name) != new.options.get(name)
        ]
        if differing:
            return f"it was begun with another {', '.join(differing)}"
        if self.files != new.files:
            return "its files are others, or have changed since"
        return None


class Acknowledged:
    """Which place the broker's acknowledgements have come to. One thread may send and another one ask.

    Args:
        begin: where sending begins.
    """

    def __init__(self, begin: Place) -> None:
        self._begin = begin
        self._sent: deque[Place] = deque()
        self._passed = 0

    def sent(self, place: Place) -> None:
        """One more message was sent, whose article this place is behind."""
        self._sent.append(place)

    def place(self, acknowledged: int) -> Place:
        """The place when so many messages, from the first on, are acknowledged. Never asked with fewer than before."""
        while self._passed < acknowledged and self._sent:
            self._begin = self._sent.popleft()
            self._passed += 1
        return self._begin
