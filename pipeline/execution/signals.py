"""SIGTERM and SIGINT to a process that finishes what it has before it ends."""

from __future__ import annotations

import signal
from collections.abc import Callable

_STOPS = (signal.SIGTERM, signal.SIGINT)


def on_stop(ask: Callable[[], object]) -> None:
    """Call `ask` whenever the process is asked to end. In the main thread, between any two steps of it."""
    for number in _STOPS:
        signal.signal(number, lambda *_: ask())


def already_stopping() -> None:
    """Take no more notice: all is finished, and the process is about to end with its own exit code.

    An event loop that closes, and an interpreter that shuts down, give a handler back to the system, for which
    a second SIGTERM is the end of the process at once. What is ignored they leave ignored.
    """
    for number in _STOPS:
        signal.signal(number, signal.SIG_IGN)
