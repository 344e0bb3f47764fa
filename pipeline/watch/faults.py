"""A fault that is waited out, said when it begins, at most once a minute while it lasts, and when it is over."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

PAUSE_SECONDS = 60.0


class Fault:
    """One thing that may fail again and again. Safe for several threads.

    Args:
        what: what fails, as the lines begin.
        log: where the lines go.
        clock: seconds; tests set it.
    """

    def __init__(
        self, what: str, log: logging.Logger, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._what = what
        self._log = log
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
                self._log.warning("%s: %s; trying again until it works", self._what, detail)
            elif now - self._said >= PAUSE_SECONDS:
                self._said = now
                lasted = now - self._began
                self._log.warning(
                    "%s: still so after %.0f s, %d attempts: %s", self._what, lasted, self._times, detail
                )

    def over(self, remark: str = "") -> None:
        """It works, perhaps again."""
        if self._began is None:
            return
        with self._lock:
            if self._began is not None:
                lasted = self._clock() - self._began
                self._log.warning(
                    "%s: works again after %.0f s, %d attempts%s", self._what, lasted, self._times, remark
                )
                self._began, self._times = None, 0
