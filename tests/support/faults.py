"""Faults that an article's text asks for, in a stage that is otherwise the real one."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path

from pipeline.record import EnrichedArticle
from pipeline.settings import Settings
from pipeline.stages.base import Outcome, Stage


class Marker(StrEnum):
    """What to put into a text."""

    RAISE = "<<raise>>"
    HANG = "<<hang>>"
    DIE = "<<die>>"
    DIE_ONCE = "<<die-once>>"
    """Its process dies the first time (as under the out-of-memory killer), and never again."""
    UNTIL_MENDED = "<<raise-until-mended>>"
    """Raises until `mend` was called: a defect that a new release repairs."""
    TELL = "<<tell>>"
    """Raises with all of the settings in the message."""


class PassingStage(Stage):
    """A stage that passes articles on as they are: for tests of what happens around a stage."""

    name = "passing"

    def __call__(self, batch: Sequence[EnrichedArticle]) -> list[Outcome]:
        return list(batch)


class FaultyStage(Stage):
    """A stage that does what the markers in a text say. Picklable.

    Args:
        stage: the real one.
        folder: where it remembers between processes.
    """

    name = "faulty"

    def __init__(self, stage: Stage, folder: Path) -> None:
        self._stage = stage
        self._folder = folder

    def warm_up(self) -> None:
        self._stage.warm_up()

    def take_counters(self) -> Mapping[str, int]:
        return self._stage.take_counters()

    def __call__(self, batch: Sequence[EnrichedArticle]) -> list[Outcome]:
        for record in batch:
            self._provoke(record.article.article_id, record.article.text)
        return self._stage(batch)

    def _provoke(self, article_id: str, text: str) -> None:
        if Marker.RAISE in text:
            raise RuntimeError("this text makes the stage raise")
        if Marker.TELL in text:
            raise RuntimeError(f"this text makes the stage tell: {Settings.load()!r}")
        if Marker.UNTIL_MENDED in text and not (self._folder / "mended").exists():
            raise RuntimeError("this text makes the stage raise until it is mended")
        if Marker.HANG in text:
            threading.Event().wait()
        if Marker.DIE in text or (Marker.DIE_ONCE in text and self._first_time(article_id)):
            os.kill(os.getpid(), signal.SIGKILL)

    def _first_time(self, article_id: str) -> bool:
        try:
            (self._folder / f"died-{article_id}").touch(exist_ok=False)
        except FileExistsError:
            return False
        return True


def mend(folder: Path) -> None:
    """From now on, Marker.UNTIL_MENDED does no harm."""
    (folder / "mended").touch()
