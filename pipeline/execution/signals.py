"""SIGTERM and SIGINT to a process that finishes what it has before it ends."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_STOPS = (signal.SIGTERM, signal.SIGINT)


class Interrupted(KeyboardInterrupt):
    """Ctrl-C, or what stands for it.

    A class of its own: Python ends itself by the signal, whatever exit code is asked for, once a plain
    KeyboardInterrupt has come while a string was evaluated, as named tuples and data classes do when they are made.
    """


def interrupt(*_: object) -> None:
    """A handler of signals: raise.

    Raises:
        Interrupted: always.
    """
    raise Interrupted


@contextmanager
def terminated_like_interrupted() -> Iterator[None]:
    """SIGTERM ends the block as Ctrl-C does: through the exits that stop what it started. In the main thread."""
    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


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


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Hold SIGTERM and SIGINT back until the block is done; what came meanwhile is then handled as it would have been.

    For the moment between the start of a child and the note that it has to be stopped: an interrupt in it would
    leave the child running for ever. In another than the main thread nothing is held, for no signal is handled there.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    held: list[int] = []
    before = {number: signal.signal(number, lambda came, _: held.append(came)) for number in _STOPS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for came in held:
            signal.raise_signal(came)
