"""What a stage is: a batch in; for each item, in order, a record or a rejection out."""

from __future__ import annotations

import re
import traceback
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, Self

from pipeline import __version__
from pipeline.errors import Reason
from pipeline.flow import DONE
from pipeline.record import Article, Duplicate, EnrichedArticle, Provenance, Verdict
from pipeline.record.trusted import trusted
from pipeline.settings import Settings


@dataclass(frozen=True, slots=True)
class Rejection:
    """An item that a stage can't process, and why; the caller dead-letters it.

    `cause` is set where nobody expected it: what was raised and where, or that time or the process ran out. Items that
    fail alike have the same; None is for what an item brought with it (see `pipeline.stream.breaker`).
    """

    reason: Reason
    detail: str
    cause: str | None = None

    def named(self, stage: str) -> Self:
        """The same with the name of its stage in front, where the dead letter will be another step's."""
        cause = self.cause and f"{stage}: {self.cause}"
        return replace(self, detail=f"{stage}: {self.detail}", cause=cause)


Outcome = EnrichedArticle | Rejection


class Stage(ABC):
    """One stage of the flow. Cheap to make and picklable: what is heavy is loaded by `warm_up`.

    A stage in the pool is pickled into each of its processes; two copies must not differ in what they find.

    Attributes:
        name: as in the flow; what a plug-in finds is kept under it.
        needs: the parts of a record that it reads: `article`, and what stages before it add.
        adds: the parts that it fills. A plug-in adds its annotation, under its name, and nothing else.
    """

    name: ClassVar[str]
    needs: ClassVar[tuple[str, ...]] = ("article",)
    adds: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:  # noqa: ARG003 - for those that have some
        """The stage as the settings want it.

        Raises:
            SettingsError: it can't work as they are.
        """
        return cls()

    @staticmethod
    def outcome(record: EnrichedArticle) -> str:  # noqa: ARG004 - for those that tell some apart
        """Which of the flow's outcomes a record of this stage is; by that it is sent on."""
        return DONE

    def time_limit(self, usual: float) -> float:
        """Seconds that one article may take in the pool before it is rejected; `usual` is the settings' word."""
        return usual

    def warm_up(self) -> None:  # noqa: B027 - most have nothing to load
        """Load what it needs, before its first batch; again when what it remembers of the stream may be out of date.

        Raises:
            SettingsError: that is not there.
            TransientError: that is away.
        """

    @abstractmethod
    def __call__(self, batch: Sequence[EnrichedArticle]) -> list[Outcome]:
        """Work on a batch; as many outcomes, in the same order. Never raises for what is in an item.

        Raises:
            SettingsError: the stage can't work at all.
            TransientError: something outside is away; nothing has changed.
        """

    def announcements(self) -> list[tuple[bytes, bytes]]:
        """What others are to be told of beside the records since the last call: keys and values of messages."""
        return []

    def take_counters(self) -> Mapping[str, int]:
        """What it counted of its own work since the last call, by event."""
        return {}


def begun(article: Article) -> EnrichedArticle:
    """The record of an article with nothing found yet: an original until a stage knows better."""
    original = trusted(Duplicate, {"verdict": Verdict.ORIGINAL, "cluster_id": article.article_id})
    return trusted(
        EnrichedArticle,
        {"article": article, "duplicate": original, "provenance": _PROVENANCE, "annotations": {}},
    )


_PROVENANCE = Provenance(pipeline_version=__version__)


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
