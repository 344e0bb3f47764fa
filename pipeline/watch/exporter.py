"""The exporter: what the brokers know of all stages, whether their workers run or not.

A worker tells of the partitions that it has. Whoever wants to see a stage that has stopped, or to scale one by
its lag, needs somebody outside: lag and committed offsets of every group, and the dead letters that wait.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Self

from pipeline import __version__
from pipeline.accounts.deadletters import Selection, letters
from pipeline.errors import PipelineError, Reason
from pipeline.flow import FLOW
from pipeline.kafka.admin import LATEST, Admin
from pipeline.kafka.topics import Topic
from pipeline.settings import Settings
from pipeline.watch import metrics
from pipeline.watch.exposition import Exposition
from pipeline.watch.health import LagMonitor

log = logging.getLogger(__name__)


class DeadLetterCensus(threading.Thread):
    """Counts the open dead letters by reason. Reads the topic again only when something was added to it.

    Args:
        settings: where the broker is.
        interval: seconds between two looks at the topic's end.
        wanted: whether somebody wants to know; the broker is left in peace else.

    Attributes:
        found: how many there are by reason, None before the first count.
    """

    def __init__(
        self, settings: Settings, *, interval: float = 10.0, wanted: Callable[[], bool] = lambda: True
    ) -> None:
        super().__init__(name="dead-letter-census", daemon=True)
        self._settings = settings
        self._interval = interval
        self._stopping = threading.Event()
        self._counted_to: dict[int, int] | None = None
        self._wanted = wanted
        self.found: Counter[Reason] | None = None

    def stop(self) -> None:
        """End after the count under way."""
        self._stopping.set()

    def run(self) -> None:
        """Count until stopped. A broker that is away is not this thread's to report."""
        while True:
            try:
                if self._wanted():
                    self.count()
            except PipelineError as error:
                log.debug("no count of the dead letters: %s", error)
            if self._stopping.wait(self._interval):
                return

    def count(self) -> None:
        """Set the metric from the topic as it is now."""
        with Admin(self._settings) as admin:
            end = admin.offsets(Topic.DEAD_LETTER, LATEST)
        if end == self._counted_to:
            return
        found = Counter(letter.reason for letter in letters(self._settings, Selection()))
        for reason in Reason:
            metrics.DEAD_LETTERS_OPEN.labels(reason).set(found[reason])
        self.found, self._counted_to = found, end


class Exporter:
    """Watches all stages from outside and serves the metrics port. A context manager.

    Raises:
        SettingsError: the port is taken.
    """

    def __init__(self, settings: Settings, *, interval: float = 5.0, census_interval: float = 10.0) -> None:
        self._interval = interval
        self._lag = LagMonitor(settings, FLOW.sources, interval=interval)
        self._census = DeadLetterCensus(settings, interval=census_interval)
        metrics.BUILD_INFO.info({"version": __version__, "stages": ""})
        self._exposition = Exposition(
            settings.metrics_host, settings.metrics_port, live=self._not_live, ready=self._not_ready
        )
        self.url = self._exposition.url

    def __enter__(self) -> Self:
        self._lag.start()
        self._census.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._lag.stop()
        self._census.stop()
        self._lag.join()
        self._census.join()
        self._exposition.close()

    def _not_live(self) -> list[str]:
        return [f"{thread.name} has ended" for thread in (self._lag, self._census) if not thread.is_alive()]

    def _not_ready(self) -> list[str]:
        age = time.time() - self._lag.read_at
        return [] if age < 6 * self._interval else ["no reading of the lag from the brokers"]
