"""Memory in processes that last: what the C library gives back, what threads share, how often garbage is looked for.

The settings of the C library are glibc's; with another one they do nothing.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc

# Of malloc.h.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8

_ARENAS = 2
_LARGE_BLOCK = 4 << 20  # bytes

_YOUNG_OBJECTS = 20_000


def share_arenas() -> None:
    """Have the threads that are started from now on share two arenas.

    glibc gives each thread an arena of its own and keeps in it what the thread frees. A worker does the work of its
    stages in a dozen threads by turns, so each arena grows to the largest batch that ever fell to it.
    """
    _set(_ARENA_MAX, _ARENAS)


def keep_freed_memory() -> None:
    """Keep up to 8 MiB that are free at the end of an arena, and map only larger blocks than 4 MiB by themselves.

    glibc would give back what a batch's arrays, some MiB together, leave free, and take it anew, page by page, with
    the next: a fifth of the time of the duplicates stage.
    """
    _set(_MMAP_THRESHOLD, _LARGE_BLOCK)
    _set(_TRIM_THRESHOLD, 2 * _LARGE_BLOCK)


def collect_rarely() -> None:
    """Have garbage looked for less often, as is due before much is loaded: a third of the time of large tables."""
    gc.set_threshold(_YOUNG_OBJECTS)


def spare_collections() -> None:
    """Collect what is garbage now, keep what is left out of all later collections, and have those come less often.

    Models, word lists and modules stay as long as the process. The records of a batch are tens of thousands of
    objects in no cycles: by default Python would look at them once every 700 objects, again and again.
    """
    gc.collect()
    gc.freeze()
    collect_rarely()


def _set(parameter: int, value: int) -> None:
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).mallopt(parameter, value)
