"""Taking articles out of a store on purpose: which, what stays of them, and that it was done."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol


@dataclass(frozen=True, slots=True)
class Removal:
    """Which articles are meant: those for which everything that is given fits.

    Attributes:
        article_ids: by id.
        url: by address, as it is stored.
        source: by outlet.
        before: those that count as published before this time.
    """

    article_ids: tuple[str, ...] = ()
    url: str | None = None
    source: str | None = None
    before: datetime | None = None

    @property
    def why(self) -> str:
        """As the record of what was removed has it."""
        told = (
            ("id", ", ".join(self.article_ids[:3]) + (", …" if len(self.article_ids) > 3 else "")),  # noqa: PLR2004
            ("url", self.url),
            ("source", self.source),
            ("published before", self.before and self.before.isoformat(timespec="seconds")),
        )
        return "; ".join(f"{name} {value}" for name, value in told if value)


class Found(NamedTuple):
    """A stored article that is meant."""

    article_id: str
    source: str
    title: str | None
    time: datetime


class Forgotten(NamedTuple):
    """That an article was removed: when, and why."""

    at: datetime
    why: str


class Removals(Protocol):
    """What a store from which articles can be taken answers. Raises like Store."""

    def found(self, removal: Removal) -> Iterator[Found]:
        """The stored articles that are meant, the earliest first; memory is bounded."""

    def copies_of(self, article_ids: Sequence[str]) -> list[Found]:
        """The exact and near copies of these articles, those of copies too, without these themselves."""

    def heirs(self, article_ids: Sequence[str], going: Collection[str]) -> Mapping[str, list[str]]:
        """Of those of these articles that have exact copies which stay: the copies, the earliest first.

        Args:
            article_ids: of articles that are to be removed.
            going: all that are; the others stay.
        """

    def remove(self, article_ids: Sequence[str], heirs: Mapping[str, str], forgotten: Forgotten) -> int:
        """Remove articles with all that was found in them, in one transaction, and note it; gives how many there were.

        What was a copy of one of them is one of its heir, or of nothing. From then on they are refused when they come
        again, and so are their fingerprints.

        Args:
            article_ids: at most a few hundred.
            heirs: the copy that takes an article's place, which has findings of its own by now.
            forgotten: when and why.
        """

    def forgotten(self) -> Iterator[str]:
        """The ids of all that were removed, sorted."""

    def when(self, article_id: str) -> Forgotten | None:
        """When and why an article was removed; None if it was not."""

    def recall(self, article_ids: Sequence[str]) -> int:
        """Let these articles come again; gives how many had been removed."""
