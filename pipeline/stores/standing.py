"""Standing questions and what answered them, as a store keeps them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
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
    `version` is that of the article (see versions.version_hash).
    """

    alert: Alert
    version: bytes
    every_copy: bool
    webhook: str | None


class Noted(NamedTuple):
    """What stands with some articles; `new` of them were not kept before."""

    alerts: list[Alert]
    new: int


@dataclass(frozen=True, slots=True)
class Outstanding:
    """An alert that a webhook is to be told of.

    `attempts` were made with it before; `failures` were the latest with anything at this webhook, in a row.
    """

    alert: Alert
    webhook: str
    attempts: int
    failures: int


@dataclass(frozen=True, slots=True)
class Retry:
    """When to go on after a failure: with the alert, and with anything at the same webhook.

    What waits there since before `given_up` is given up.
    """

    alert: datetime
    webhook: datetime
    given_up: datetime


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
        """Add one, or change the one of its id; gives whether it is new.

        What still waits to be sent to its webhook goes to the new one, or nowhere where it has none any more.
        """

    def remove(self, question_id: str) -> bool:
        """Remove one with its alerts; gives whether there was one."""


class Alerts(Protocol):
    """What answered them. Safe for threads and for several processes."""

    def note(self, drafts: Sequence[Draft]) -> Noted:
        """Keep what is new, and give what stands with these articles, also when it was kept before.

        Of a question there is one a story, or one an article where it wants every copy; who comes later is left out.
        Nothing is kept of versions that are not those that stand, and of questions that were removed.
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
        """Those whose webhook is to be told now, the longest due of each webhook.

        A webhook is given to nobody else before `lease_until`, unless it was told or not told before.
        """

    def delivered(self, one: Outstanding, now: datetime) -> None:
        """Its webhook was told."""

    def not_delivered(self, one: Outstanding, problem: str, retry: Retry) -> int:
        """Its webhook was not told; gives how many alerts were given up."""

    def counts(self) -> Mapping[Delivery, int]:
        """How many there are that have a webhook, by how it stands with it; of those that were delivered nothing."""

    def undelivered(self, limit: int) -> list[Undelivered]:
        """Those that were given up, the latest first."""

    def retry(self, now: datetime) -> int:
        """Make due what was given up; gives how many they are."""
