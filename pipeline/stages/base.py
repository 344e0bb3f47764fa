"""What a stage is: a batch in; for each item, in order, a record or a rejection out."""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import Reason
from pipeline.record import EnrichedArticle


@dataclass(frozen=True, slots=True)
class Rejection:
    """An item that a stage can't process, and why; the caller dead-letters it.

    `cause` is set where nobody expected it: what was raised and where, or that time or the process ran out. Items that
    fail alike have the same; None is for what an item brought with it (see `pipeline.stream.breaker`).
    """

    reason: Reason
    detail: str
    cause: str | None = None


Outcome = EnrichedArticle | Rejection
Stage = Callable[[Sequence[EnrichedArticle]], list[Outcome]]
"""Takes a batch, gives as many outcomes in the same order. Never raises for what is in an item; picklable."""


def each(
    function: Callable[[EnrichedArticle], EnrichedArticle], batch: Sequence[EnrichedArticle]
) -> list[Outcome]:
    """Apply `function` item by item; an item that makes it raise is rejected alone."""
    outcomes: list[Outcome] = []
    for record in batch:
        try:
            outcomes.append(function(record))
        except Exception as error:  # noqa: BLE001 - whatever one article provokes must not stop its neighbours
            outcomes.append(raised(error))
    return outcomes


def raised(error: Exception) -> Rejection:
    """The rejection of an item that made a stage raise what it should not."""
    kind = type(error).__name__
    return Rejection(Reason.STAGE_ERROR, f"{kind}: {error}", cause=f"{kind}{_place(error)}")


# What another process raised comes with its traceback as a text.
_FRAME = re.compile(r'File "([^"\n]+)", line (\d+), in (\S+)')


def _place(error: Exception) -> str:
    """The innermost place in the code; where a resource ran out says nothing."""
    if isinstance(error, RecursionError | MemoryError):
        return ""
    frames = _FRAME.findall(str(error.__cause__ or "")) or [
        (frame.filename, frame.lineno, frame.name) for frame in traceback.extract_tb(error.__traceback__)
    ]
    if not frames:
        return ""
    path, line, function = frames[-1]
    return f" at {Path(path).name}:{line} ({function})"
