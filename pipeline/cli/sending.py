"""Articles onto news.raw, counted: what the commands that send have in common."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from pipeline.cli.output import warn
from pipeline.cli.replaying.pacing import Found
from pipeline.errors import SettingsError, SourceError
from pipeline.kafka.admin import Admin
from pipeline.kafka.publisher import Lost, Publisher
from pipeline.record import Article
from pipeline.settings import Settings
from pipeline.watch.faults import Fault


@dataclass(slots=True)
class Tally:
    """What became of what was read, in this run.

    Attributes:
        sent: articles that were sent, or only read.
        accepted: those that the broker has.
        lost: those that it did not take.
        under_way: those of which it is not known.
        skipped: problems by reason.
    """

    sent: int = 0
    accepted: int = 0
    lost: list[Lost] = field(default_factory=list)
    under_way: int = 0
    skipped: Counter[str] = field(default_factory=Counter)

    def feed(self, found: Iterable[Found], send: Callable[[Article], None]) -> None:
        """Send the articles; name and count the problems."""
        for item in found:
            try:
                if isinstance(item, SourceError):
                    raise item
                send(item)
                self.sent += 1
            except SourceError as problem:
                self.skipped[problem.reason] += 1
                warn(str(problem))

    def close(self, sending: Publisher) -> None:
        """Take over what the broker has said."""
        self.accepted, self.lost, self.under_way = sending.accepted, sending.lost, sending.under_way


def publisher(settings: Settings, *, waits: bool = True, stop: threading.Event | None = None) -> Publisher:
    """Whoever sends to the raw topic.

    Args:
        settings: where the broker is.
        waits: whether a broker that is away is waited for, with a line about it, as long as it takes.
        stop: set when it is to end, broker or not.

    Raises:
        SettingsError: the topics are not as they have to be.
        TransientError: the broker is away.
    """
    with Admin(settings) as admin:
        problems = [f"{state.spec.name} {state.problem}" for state in admin.topic_states() if state.problem]
    if problems:
        raise SettingsError("; ".join(problems))
    faults = Fault("the broker", warn, counted=False) if waits else None
    return Publisher(settings, faults=faults, waits=waits, stop=stop)
