"""Standing questions and what answered them, as a store keeps them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

from pipeline.questions.question import Question
from pipeline.record import Alert
from pipeline.stores.questions import Page, Place


class Delivery(StrEnum):
    """How it stands with the webhook of an alert."""

    DUE = "due"
    DELIVERED = "delivered"
    FAILED = "failed"


class Kept(NamedTuple):
    """The questions of a store; `problems` has a line for each that this version of the program can't read."""

    questions: list[Question]
    problems: list[str]


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer that may be new.

    `alert.story` is the cluster of the record, and `alert.alert_id` is empty: the store knows which story it is by now.
    """

    alert: Alert
    every_copy: bool
    webhook: str | None


@dataclass(frozen=True, slots=True)
class Outstanding:
    """An alert that a webhook is to be told of; `attempts` were made before."""

    alert: Alert
    webhook: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Undelivered:
    """An alert whose webhook was given up, and why."""

    alert: Alert
    webhook: str
    attempts: int
    problem: str


class Borrowed(NamedTuple):
    """An exact copy, and the article whose findings are its own."""

    copy: str
    origin: str


class Questions(Protocol):
    """The standing questions. Safe for threads and for several processes."""

    def all(self) -> Kept:
        """All of them, by id."""

    def state(self) -> str:
        """Another one whenever a question was added, changed or removed; fast."""

    def put(self, question: Question) -> bool:
        """Add one, or change the one of its id; gives whether it is new."""

    def remove(self, question_id: str) -> bool:
        """Remove one with its alerts; gives whether there was one."""


class Alerts(Protocol):
    """What answered them. Safe for threads and for several processes."""

    def note(self, drafts: Sequence[Draft]) -> list[Alert]:
        """Keep what is new, and give what stands with these articles, also when it was kept before.

        Of a question there is one a story, or one an article where it wants every copy; who comes later is left out.
        Nothing is kept of articles that are not stored, and of questions that were removed.
        """

    def borrowed(self, article_ids: Collection[str]) -> list[Borrowed]:
        """The exact copies among these articles with their originals, and those of the originals among them.

        Pairs of which one is not stored yet are left out.
        """

    def page(
        self, *, question: str | None = None, after: Place | None = None, limit: int = 50
    ) -> Page[Alert]:
        """A page of alerts, the latest first; of one question, or of all."""

    def due(self, now: datetime, lease_until: datetime, limit: int) -> list[Outstanding]:
        """Those whose webhook is to be told now. They are given to nobody else before `lease_until`."""

    def delivered(self, alert_id: str) -> None:
        """Its webhook was told."""

    def not_delivered(self, alert_id: str, problem: str, again: datetime | None) -> None:
        """Its webhook was not told; to be tried `again`, or given up."""

    def undelivered(self, limit: int) -> list[Undelivered]:
        """Those that were given up, the latest first."""

    def retry(self, now: datetime) -> int:
        """Make due what was given up; gives how many they are."""
