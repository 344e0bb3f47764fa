"""Processor time of processes, which neighbours on a busy machine disturb little."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable

import psutil  # type: ignore[import-untyped]


def processor_seconds(*pids: int) -> float:
    """What these processes and all that descend from them have used so far; this one and its own, without any.

    What has ended counts once its parent has taken note of its end.
    """
    seconds = 0.0
    for pid in pids or (os.getpid(),):
        with contextlib.suppress(psutil.NoSuchProcess):
            root = psutil.Process(pid)
            for process in (root, *root.children(recursive=True)):
                with contextlib.suppress(psutil.NoSuchProcess):
                    seconds += used(process)
    return seconds


def used(process: psutil.Process) -> float:
    """The processor seconds of one process, and of its children that have ended."""
    return float(sum(process.cpu_times()[:4]))


def best_seconds(work: Callable[[], object], rounds: int) -> float:
    """What some work takes of this process's processor, the quickest of so many rounds."""
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best
