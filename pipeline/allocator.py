"""The C library's allocator, told that threads share.

glibc gives each thread an arena of its own and keeps in it what the thread frees. A worker does the work of its stages
in a dozen threads by turns, so each arena grows to the largest batch that ever fell to it.
"""

from __future__ import annotations

import contextlib
import ctypes

_ARENA_MAX = -8  # M_ARENA_MAX of malloc.h
_ARENAS = 2


def share_arenas() -> None:
    """Have the threads that are started from now on share two arenas; does nothing where the C library is another."""
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).mallopt(_ARENA_MAX, _ARENAS)
