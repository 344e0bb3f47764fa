"""Memory that one batch has freed is kept for the next.

glibc gives what lies free at the end of the heap back to the system, once it is more than twice the largest block that
was mapped by itself and freed so far. Of the arrays of a chunk of texts the largest have some hundred KB, and all of
them some MB: they would be given back and taken anew, page by page, with every chunk, at a fifth of the stage's time.
"""

from __future__ import annotations

import numpy as np

_BLOCK = 1 << 22
"""Bytes; twice as many may lie free from now on. The counters of an index, 8 MiB, are still mapped by themselves."""


def keep_freed_memory() -> None:
    """Let malloc see a large block freed (M_MMAP_THRESHOLD in mallopt(3)); of no effect in other C libraries."""
    np.empty(_BLOCK, np.uint8)
