"""Memory in processes that last: threads share the C library's arenas, and garbage is looked for less often."""

from __future__ import annotations

import contextlib
import ctypes
import gc

_ARENA_MAX = -8  # M_ARENA_MAX of malloc.h
_ARENAS = 2

_YOUNG_OBJECTS = 20_000


def share_arenas() -> None:
    """Have the threads that are started from now on share two arenas; does nothing where the C library is another.

    glibc gives each thread an arena of its own and keeps in it what the thread frees. A worker does the work of its
    stages in a dozen threads by turns, so each arena grows to the largest batch that ever fell to it.
    """
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).mallopt(_ARENA_MAX, _ARENAS)


def spare_collections() -> None:
    """Collect what is garbage now, keep what is left out of all later collections, and have those come less often.

    Models, word lists and modules stay as long as the process. The records of a batch are tens of thousands of
    objects in no cycles: by default Python would look at them once every 700 objects, again and again.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS)
