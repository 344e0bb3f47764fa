"""A fault that is waited out, said when it begins, at most once a minute while it lasts, and when it is over."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

PAUSE_SECONDS = 60.0


class Fault:
    """One thing that may fail again and again. Safe for several threads.

    Args:
        what: what fails, as the lines begin.
        say: takes a line.
        counted: whether each time is an attempt worth counting, and not just a look.
        clock: seconds; tests set it.
    """

    def __init__(
        self,
        what: str,
        say: Callable[[str], None],
        *,
        counted: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._what = what
        self._say = say
        self._counted = counted
        self._clock = clock
        self._lock = threading.Lock()
        self._began: float | None = None
        self._said = 0.0
        self._times = 0

    @property
    def lasts(self) -> bool:
        """Whether it has begun, and is not over."""
        return self._began is not None

    def again(self, detail: object) -> None:
        """It fails: for the first time, or still."""
        with self._lock:
            now = self._clock()
            self._times += 1
            if self._began is None:
                self._began = self._said = now
                self._say(f"{self._what}: {detail}; trying again until it works")
            elif now - self._said >= PAUSE_SECONDS:
                self._said = now
                self._say(f"{self._what}: still so after {self._lasted(now)}: {detail}")

    def over(self, remark: str = "") -> None:
        """It works, perhaps again."""
        if self._began is None:
            return
        with self._lock:
            if self._began is not None:
                self._say(f"{self._what}: works again after {self._lasted(self._clock())}{remark}")
                self._began, self._times = None, 0

    def _lasted(self, now: float) -> str:
        attempts = f", {self._times} attempts" if self._counted else ""
        return f"{now - (self._began or now):.0f} s{attempts}"
