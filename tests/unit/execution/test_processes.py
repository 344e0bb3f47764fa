"""What Pebble does not survive: processes that are killed from outside, with or without something to do."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any

import pytest
from pebble import ProcessPool

from pipeline.errors import TransientError
from pipeline.execution.processes import LastingPool


@pytest.fixture
def pool() -> Iterator[LastingPool]:
    running = LastingPool(
        lambda: ProcessPool(max_workers=1, context=multiprocessing.get_context("spawn")), start_seconds=60
    )
    yield running
    running.close()


def call(pool: LastingPool, function: object, *arguments: object, timeout: float = 30) -> object:
    return pool.result(pool.schedule(function, arguments, timeout=timeout))  # type: ignore[arg-type]


def call_until_it_works(pool: LastingPool, function: object, *arguments: object) -> object:
    while True:
        try:
            return call(pool, function, *arguments)
        except TransientError:
            continue


def test_a_process_killed_with_nothing_to_do_is_a_transient_fault(pool: LastingPool) -> None:
    idle = call(pool, os.getpid)
    assert isinstance(idle, int)

    os.kill(idle, signal.SIGKILL)

    assert call_until_it_works(pool, os.getpid) != idle


def test_what_a_call_raises_is_raised(pool: LastingPool) -> None:
    with pytest.raises(ZeroDivisionError):
        call(pool, divmod, 1, 0)


def test_a_call_that_takes_too_long_is_ended(pool: LastingPool) -> None:
    with pytest.raises(TimeoutError):
        call(pool, signal.pause, timeout=0.5)

    assert isinstance(call_until_it_works(pool, os.getpid), int)


class LostCalls:
    """A pool that takes calls and never ends them, not even at their time limit."""

    active = True

    def schedule(self, *_: object, **__: object) -> Future[object]:
        return Future()

    def stop(self) -> None:
        """Nothing runs."""

    def join(self) -> None:
        """Nothing runs."""


def test_a_pool_from_which_nothing_comes_back_is_made_anew() -> None:
    pools: list[Any] = [
        LostCalls(),
        ProcessPool(max_workers=1, context=multiprocessing.get_context("spawn")),
    ]
    pool = LastingPool(lambda: pools.pop(0), start_seconds=1.0)
    try:
        with pytest.raises(TransientError, match="nothing has come back"):
            call(pool, os.getpid, timeout=0.5)
        assert isinstance(call(pool, os.getpid, timeout=60), int)
    finally:
        pool.close()
