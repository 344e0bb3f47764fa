"""The stream as it is now, for whoever looks: rate, lag and health of each stage, and the time to the store."""

from __future__ import annotations

import http.client
import logging
import math
import threading
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from prometheus_client.parser import text_string_to_metric_families

from pipeline.errors import PipelineError
from pipeline.flow import FLOW
from pipeline.kafka.admin import Admin, PartitionLag
from pipeline.settings import Settings

log = logging.getLogger(__name__)

_RATE_SECONDS = 30.0
_LATENCY_SECONDS = 300.0
_HISTOGRAM = "pipeline_event_to_sink_seconds"
_TWO = 2  # readings make a rate
_ANSWER_SECONDS = 2.0
_ANSWER_BYTES = 4 * 1024 * 1024

Buckets = Mapping[float, float]
"""How many took at most so many seconds, by these."""


@dataclass(frozen=True, slots=True)
class StageReading:
    """One stage: `lag` messages are not done, `rate` are done a second.

    `health` is `idle`, `working`, `waiting` (lag, and nothing was done for a while) or `stalled` (for
    PIPELINE_STALL_SECONDS).
    """

    stage: str
    lag: int
    rate: float
    health: str


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds from ingest to store, of the last minutes' articles or, where there were none, of all."""

    median: float
    most: float
    articles: int
    recent: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """The stream at one time. Without an answer from the broker there are no stages, and `problem` says why."""

    stages: tuple[StageReading, ...] = ()
    latency: Latency | None = None
    problem: str | None = None


@dataclass(slots=True)
class StageHistory:
    """What was seen of one stage: when how many messages were done, and when that last changed."""

    stage: str
    stall_seconds: float
    seen: deque[tuple[float, int]] = field(default_factory=deque)
    moved_at: float = -math.inf

    def note(self, lags: Iterable[PartitionLag], now: float) -> StageReading:
        """Take in a reading of the stage's partitions at `now` (seconds of a clock that only runs on)."""
        found = list(lags)
        done = sum(lag.committed or 0 for lag in found)
        lag = sum(one.lag for one in found)
        if not self.seen or self.seen[-1][1] != done or not lag:
            self.moved_at = now
        if self.seen and done < self.seen[-1][1]:
            self.seen.clear()  # offsets were set back, or the topic was made anew
        self.seen.append((now, done))
        while len(self.seen) > _TWO and now - self.seen[0][0] > _RATE_SECONDS:
            self.seen.popleft()
        return StageReading(self.stage, lag, self._rate(), self._health(lag, now))

    def _rate(self) -> float:
        (begin, first), (end, last) = self.seen[0], self.seen[-1]
        return (last - first) / (end - begin) if end > begin else 0.0

    def _health(self, lag: int, now: float) -> str:
        silence = now - self.moved_at
        if not lag:
            return "idle" if self._rate() == 0 else "working"
        if silence > self.stall_seconds:
            return "stalled"
        return "waiting" if silence > _RATE_SECONDS else "working"


class LiveStream(threading.Thread):
    """Reads the broker, and the sink's metrics where they are known, while somebody looks.

    Args:
        settings: where the broker is; `console_sink_metrics` where the sink's metrics are.
        wanted: whether somebody looks; the broker is left in peace else.
        on_reading: told each reading, from this thread.
        interval: seconds between two.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        wanted: Callable[[], bool],
        on_reading: Callable[[Reading], None],
        interval: float = 2.0,
    ) -> None:
        super().__init__(name="live-stream", daemon=True)
        self._settings = settings
        self._wanted = wanted
        self._on_reading = on_reading
        self._interval = interval
        self._stopping = threading.Event()
        self._admin: Admin | None = None
        self._stages = [StageHistory(step.name, settings.stall_seconds) for step in FLOW.steps]
        self._latencies = Latencies()

    def stop(self) -> None:
        """End after the reading under way."""
        self._stopping.set()

    def run(self) -> None:
        """Read until stopped."""
        while True:
            if self._wanted():
                self._on_reading(self._read())
            if self._stopping.wait(self._interval):
                break
        self._disconnect()

    def _read(self) -> Reading:
        latency = self._latency()
        try:
            if self._admin is None:
                self._admin = Admin(self._settings)
            lags = self._admin.lag(FLOW.sources)
        except PipelineError as error:
            self._disconnect()
            return Reading(latency=latency, problem=str(error))
        now = time.monotonic()
        stages = tuple(
            history.note((lag for lag in lags if lag.group == self._settings.group(history.stage)), now)
            for history in self._stages
        )
        return Reading(stages, latency)

    def _latency(self) -> Latency | None:
        url = self._settings.console_sink_metrics
        buckets = sink_buckets(url) if url else None
        return self._latencies.note(buckets, time.monotonic()) if buckets else None

    def _disconnect(self) -> None:
        if self._admin is not None:
            self._admin.close()
            self._admin = None


class Latencies:
    """Quantiles of the time to the store, from what the sink's histogram has counted so far and before."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, Buckets]] = deque()

    def note(self, buckets: Buckets, now: float) -> Latency | None:
        """Take in a reading at `now`; None as long as nothing was stored."""
        if self._seen and buckets[math.inf] < self._seen[-1][1][math.inf]:
            self._seen.clear()  # another worker
        self._seen.append((now, buckets))
        while len(self._seen) > _TWO and now - self._seen[0][0] > _LATENCY_SECONDS:
            self._seen.popleft()
        before = self._seen[0][1]
        recent = {bound: count - before.get(bound, 0) for bound, count in buckets.items()}
        counted, is_recent = (recent, True) if recent[math.inf] > 0 else (buckets, False)
        if not counted[math.inf]:
            return None
        return Latency(
            quantile(counted, 0.5), quantile(counted, 0.95), int(counted[math.inf]), recent=is_recent
        )


def quantile(buckets: Buckets, share: float) -> float:
    """The seconds within which this share was done, by a straight line in its bucket; the last bound if beyond."""
    wanted = share * buckets[math.inf]
    below, before = 0.0, 0.0
    for bound in sorted(buckets):
        count = buckets[bound]
        if count >= wanted and count > before:
            if math.isinf(bound):
                return below
            return below + (bound - below) * (wanted - before) / (count - before)
        if not math.isinf(bound):
            below = bound
        before = count
    return below


def sink_buckets(url: str) -> dict[float, float] | None:
    """What the histogram at a metrics port has counted; None where there is no answer, or no such histogram."""
    try:
        with urllib.request.urlopen(url, timeout=_ANSWER_SECONDS) as answer:  # noqa: S310 - a setting: http or https
            text = answer.read(_ANSWER_BYTES).decode()
        found = {
            float(sample.labels["le"]): sample.value
            for family in text_string_to_metric_families(text)
            if family.name == _HISTOGRAM
            for sample in family.samples
            if sample.name.endswith("_bucket")
        }
    except (OSError, http.client.HTTPException, ValueError, urllib.error.URLError) as error:
        log.debug("no answer from the sink's metrics: %s", error)
        return None
    return found if math.inf in found else None
