"""Interrupts: none is lost, none leaves a child behind, and the exit code is ours."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from pipeline.execution.signals import Interrupted, interrupt, uninterrupted

_INTERRUPTED_IN_A_STRING = """
import importlib
import os
import signal

entrance = importlib.import_module("pipeline.cli.main")
signal.signal(signal.SIGINT, signal.default_int_handler)
entrance.app = lambda: eval("[os.kill(os.getpid(), signal.SIGINT) for _ in range(100)]")
entrance.main()
"""


@pytest.fixture(params=[signal.SIGTERM, signal.SIGINT])
def number(request: pytest.FixtureRequest) -> Iterator[signal.Signals]:
    before = signal.signal(request.param, interrupt)
    yield request.param
    signal.signal(request.param, before)


def test_an_interrupt_is_held_back_until_the_block_is_done(number: signal.Signals) -> None:
    done = []

    def start_and_note() -> None:
        with uninterrupted():
            os.kill(os.getpid(), number)
            done.append(True)

    with pytest.raises(Interrupted):
        start_and_note()

    assert done == [True]


def test_handlers_are_as_before_afterwards(number: signal.Signals) -> None:
    with uninterrupted():
        pass

    assert signal.getsignal(number) is interrupt


def test_what_a_block_raises_is_raised(number: signal.Signals) -> None:
    with pytest.raises(ZeroDivisionError), uninterrupted():
        divmod(1, 0)

    assert signal.getsignal(number) is interrupt


def test_another_thread_has_nothing_to_hold_back() -> None:
    entered = []

    def enter() -> None:
        with uninterrupted():
            entered.append(True)

    thread = Thread(target=enter)
    thread.start()
    thread.join()

    assert entered == [True]


def test_an_interrupt_while_a_string_is_evaluated_has_our_exit_code(tmp_path: Path) -> None:
    (tmp_path / "entrance_interrupted.py").write_text(_INTERRUPTED_IN_A_STRING)
    path = os.pathsep.join([str(tmp_path), *filter(None, sys.path)])

    done = subprocess.run(
        [sys.executable, "-m", "entrance_interrupted"],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (130, b"")
