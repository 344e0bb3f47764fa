"""A pool of processes that lasts: made anew when it breaks."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any

from pebble import ProcessPool

from pipeline.errors import TransientError
from pipeline.watch import metrics

log = logging.getLogger(__name__)

_LOOK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Task:
    """A call under way, and the pool that it was given to."""

    pool: ProcessPool
    future: Future[Any]


class LastingPool:
    """Pebble's pool, made anew when it breaks.

    Pebble gives its pool up for good when a process dies that has nothing to do (the out-of-memory killer does
    not ask), and every later call fails. A process that is killed while it holds the lock of their channel takes
    it along, and no later call ever ends. Both are transient faults: whoever waits is told to try again.

    Args:
        make: gives a new pool.
        start_seconds: how long a process may take to start. When, with calls under way, none has ended for so
            long and for the longest of their time limits besides, the pool counts as broken.
    """

    def __init__(self, make: Callable[[], ProcessPool], *, start_seconds: float) -> None:
        self._make = make
        self._start_seconds = start_seconds
        self._lock = threading.Lock()
        self._pool = _started(make())
        self._moved_at = time.monotonic()
        self._limits: Counter[float] = Counter()

    def schedule(self, function: Callable[..., Any], args: Sequence[Any], *, timeout: float) -> Task:
        """Have a process call the function.

        Raises:
            TransientError: the pool is broken; there is a new one.
        """
        pool = self._pool
        try:
            future: Future[Any] = pool.schedule(function, args=args, timeout=timeout)
        except RuntimeError as error:
            raise self._broken(pool, str(error)) from error
        self._begun(timeout)
        future.add_done_callback(lambda _: self._ended(timeout))
        return Task(pool, future)

    def result(self, task: Task) -> Any:
        """Wait for what the call gives or raises.

        Raises:
            TransientError: the pool is broken; there is a new one.
        """
        while not wait([task.future], timeout=_LOOK_SECONDS).done:
            if not task.pool.active:
                raise self._broken(task.pool, "it has stopped")
            if (silence := self._silence()) > self._start_seconds:
                raise self._broken(task.pool, f"nothing has come back, {silence:.0f} s after it should have")
        try:
            return task.future.result()
        except BrokenProcessPool as error:
            raise self._broken(task.pool, str(error)) from error

    def close(self) -> None:
        """End the processes, whatever they do."""
        self._pool.stop()
        self._pool.join()

    def _begun(self, limit: float) -> None:
        with self._lock:
            if not self._limits:
                self._moved_at = time.monotonic()
            self._limits[limit] += 1

    def _ended(self, limit: float) -> None:
        with self._lock:
            self._moved_at = time.monotonic()
            self._limits[limit] -= 1
            self._limits += Counter()  # drops what has come to zero

    def _silence(self) -> float:
        """Seconds by which the next call to end is overdue."""
        with self._lock:
            return time.monotonic() - self._moved_at - max(self._limits, default=0.0)

    def _broken(self, pool: ProcessPool, why: str) -> TransientError:
        with self._lock:
            if self._pool is pool:
                log.warning("the pool of processes broke (%s): starting a new one", why)
                metrics.POOL_RESTARTS.labels("broken").inc()
                self._pool = _started(self._make())
                self._moved_at = time.monotonic()
                self._limits.clear()
                # What is broken may also be slow to end.
                threading.Thread(target=_end, args=[pool], name="end-pool", daemon=True).start()
        return TransientError(f"the pool of processes broke: {why}")


def _started(pool: ProcessPool) -> ProcessPool:
    """Start the processes now; by itself the pool would wait for the first call, and models take seconds to load."""
    if not pool.active:
        raise TransientError("the pool of processes does not start")
    return pool


def _end(pool: ProcessPool) -> None:
    pool.stop()
    pool.join()
