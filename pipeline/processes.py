"""A pool of processes that lasts: made anew when it breaks."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any

from pebble import ProcessPool

from pipeline import metrics
from pipeline.errors import TransientError

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
        patience: seconds without any call ending while some are under way, after which the pool counts as
            broken; longer than any call may take, and a process to start.
    """

    def __init__(self, make: Callable[[], ProcessPool], *, patience: float) -> None:
        self._make = make
        self._patience = patience
        self._lock = threading.Lock()
        self._pool = _started(make())
        self._moved_at = time.monotonic()
        self._under_way = 0

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
        self._count(+1)
        future.add_done_callback(lambda _: self._count(-1))
        return Task(pool, future)

    def result(self, task: Task) -> Any:
        """Wait for what the call gives or raises.

        Raises:
            TransientError: the pool is broken; there is a new one.
        """
        while not wait([task.future], timeout=_LOOK_SECONDS).done:
            if not task.pool.active:
                raise self._broken(task.pool, "it has stopped")
            if time.monotonic() - self._moved_at > self._patience:
                raise self._broken(task.pool, f"nothing has come back for {self._patience:g} s")
        try:
            return task.future.result()
        except BrokenProcessPool as error:
            raise self._broken(task.pool, str(error)) from error

    def close(self) -> None:
        """End the processes, whatever they do."""
        self._pool.stop()
        self._pool.join()

    def _count(self, change: int) -> None:
        with self._lock:
            if not self._under_way or change < 0:
                self._moved_at = time.monotonic()
            self._under_way += change

    def _broken(self, pool: ProcessPool, why: str) -> TransientError:
        with self._lock:
            if self._pool is pool:
                log.warning("the pool of processes broke (%s): starting a new one", why)
                metrics.POOL_RESTARTS.labels("broken").inc()
                self._pool = _started(self._make())
                self._moved_at = time.monotonic()
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
