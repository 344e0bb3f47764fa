"""The worker's log: what libraries say a thousand times is said once a minute."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

_FOREIGN = ("aiokafka", "kafka", "faust", "mode", "pipeline.stream.apps", "pipeline.stream.commits")
_PAUSE_SECONDS = 60.0


class Repeated(logging.Filter):
    """Lets a line of a library's code through once a minute, and then says how often it had been there.

    Without a broker the clients and Faust log three hundred lines a second, the same dozen again and again. (Some of
    Faust's are logged under the names of modules of ours that its classes are built in.)

    Args:
        clock: seconds; tests set it.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: dict[tuple[str, int], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """See logging.Filter."""
        if not record.name.startswith(_FOREIGN) or record.levelno >= logging.CRITICAL:
            return True
        place, now = (record.pathname, record.lineno), self._clock()
        with self._lock:
            said_at, unsaid = self._seen.get(place, (now - _PAUSE_SECONDS, 0))
            if now - said_at < _PAUSE_SECONDS:
                self._seen[place] = said_at, unsaid + 1
                return False
            self._seen[place] = now, 0
        if record.exc_info:
            # A traceback in a library's code says nothing to whoever runs a worker: its last line does.
            record.msg, record.args = f"{record.getMessage()}: {record.exc_info[1]}", None
            record.exc_info = record.exc_text = None
        if "\n" in (message := record.getMessage()):  # some have it in their words
            lines = message.strip().splitlines()
            record.msg, record.args = f"{lines[0].strip()} … {lines[-1].strip()}", None
        if unsaid:
            record.msg = f"{record.getMessage()} (and {unsaid} more like it in {now - said_at:.0f} s)"
            record.args = None
        return True
