"""Alive and ready: what the probes answer, and the lag by committed offsets that they rest on.

Ready: the stages have their partitions and no rebalance is under way. Alive: progress. A stage with lag
whose committed offset has not moved for `stall_seconds`, and that is not waiting out a fault, is stalled:
the one thing that a restart mends. Neither depends on Kafka or the database being up.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from pipeline.errors import PipelineError
from pipeline.kafka.admin import Admin, PartitionLag
from pipeline.kafka.topics import Topic
from pipeline.settings import Settings
from pipeline.watch import metrics

log = logging.getLogger(__name__)

_REPORT_SECONDS = 60.0


@dataclass(slots=True)
class StageHealth:
    """One stage as its worker sees it; the worker keeps `ready`, `partitions` and `waiting_for` up to date.

    `steps` counts what is done within a batch: a batch whose articles run out of time one by one takes long, and
    is not stalled. `review` is told each reading, and whether there was none right before it. `done` counts the
    messages that it is done with.
    """

    stage: str
    ready: Callable[[], bool]
    partitions: Callable[[], frozenset[int]]
    waiting_for: Callable[[], str | None]
    steps: Callable[[], int] = lambda: 0
    review: Callable[[list[PartitionLag], bool], None] = lambda _lags, _after_outage: None
    done: Callable[[], int] = lambda: 0
    taken: int = 0
    moved_at: float = field(default_factory=time.monotonic)
    offsets: dict[int, int | None] = field(default_factory=dict)

    def note(self, lags: Iterable[PartitionLag], now: float) -> None:
        """Take in a reading of the broker's; anything that moved, or nothing to do, is progress."""
        own = [lag for lag in lags if lag.partition in self.partitions()]
        offsets = {lag.partition: lag.committed for lag in own}
        steps = self.steps()
        moved = offsets != self.offsets or steps != self.taken
        if moved or not any(lag.lag for lag in own) or self.waiting_for() is not None:
            self.moved_at = now
        self.offsets, self.taken = offsets, steps

    def no_reading(self, now: float) -> None:
        """The broker could not be asked: that it is away is not this worker's fault."""
        self.moved_at = now

    def stalled_for(self, now: float) -> float:
        """Seconds since the last progress."""
        return now - self.moved_at


class Report:
    """Says once a minute how many messages each stage was done with, if there were any."""

    def __init__(self, health: Iterable[StageHealth], clock: Callable[[], float] = time.monotonic) -> None:
        self._health = tuple(health)
        self._clock = clock
        self._due = clock() + _REPORT_SECONDS
        self._before = [entry.done() for entry in self._health]

    def maybe(self) -> None:
        """Say it, if it is time."""
        if self._clock() < self._due:
            return
        self._due = self._clock() + _REPORT_SECONDS
        now = [entry.done() for entry in self._health]
        if now != self._before:
            done = (
                f"{entry.stage} {after - before:,}"
                for entry, before, after in zip(self._health, self._before, now, strict=True)
            )
            log.info("done in the last minute: %s", ", ".join(done))
        self._before = now


class LagMonitor(threading.Thread):
    """Reads committed and end offsets every few seconds, keeps the metrics and the health of the stages.

    Args:
        settings: where the broker is.
        stages: the stages to watch and the topic that each reads.
        health: what to tell each reading to.
        on_stall: called once with the stage's name when one has been stalled for `settings.stall_seconds`.
    """

    def __init__(
        self,
        settings: Settings,
        stages: Mapping[str, Topic],
        health: Iterable[StageHealth] = (),
        *,
        on_stall: Callable[[str], None] | None = None,
        interval: float = 5.0,
    ) -> None:
        super().__init__(name="lag-monitor", daemon=True)
        self._settings = settings
        self._stages = stages
        self._health = {entry.stage: entry for entry in health}
        self._on_stall = on_stall
        self._interval = interval
        self._stopping = threading.Event()
        self._report = Report(health)
        self._admin: Admin | None = None
        self._after_outage = False
        self.read_at = 0.0
        """When the last reading was taken, as Unix time; 0 before the first."""

    def stop(self) -> None:
        """End after the reading under way."""
        self._stopping.set()

    def run(self) -> None:
        """Read until stopped. A broker that is away is not this thread's to report."""
        while not self._stopping.wait(self._interval):
            try:
                self._read()
            except PipelineError as error:
                log.debug("no reading of the lag: %s", error)
                for health in self._health.values():
                    health.no_reading(time.monotonic())
                self._after_outage = True
                self._disconnect()
            self._look_for_stalls()
            self._report.maybe()
        self._disconnect()

    def _read(self) -> None:
        if self._admin is None:
            self._admin = Admin(self._settings)
        lags = self._admin.lag(self._stages)
        publish(lags)
        self.read_at = time.time()
        metrics.LAG_READ.set(self.read_at)
        now = time.monotonic()
        for stage, health in self._health.items():
            group = self._settings.group(stage)
            own = [lag for lag in lags if lag.group == group]
            health.note(own, now)
            health.review(own, self._after_outage)
        self._after_outage = False

    def _disconnect(self) -> None:
        if self._admin is not None:
            self._admin.close()
            self._admin = None

    def _look_for_stalls(self) -> None:
        now = time.monotonic()
        for health in self._health.values():
            metrics.READY.labels(health.stage).set(health.ready())
            if self._on_stall and health.stalled_for(now) > self._settings.stall_seconds:
                self._on_stall(health.stage)


def publish(lags: Iterable[PartitionLag]) -> None:
    """Set the lag metrics from a reading."""
    for lag in lags:
        labels = (lag.group, lag.topic, str(lag.partition))
        metrics.CONSUMER_LAG.labels(*labels).set(lag.lag)
        metrics.LOST_MESSAGES.labels(*labels).set(lag.found.lost)
        if lag.committed is not None:
            metrics.COMMITTED_OFFSET.labels(*labels).set(lag.committed)
