"""In how many stories a shingle occurs: what many share (footers, teasers, stock phrases, forms) ties no two.

Counted are stories, not articles, lest a text that everybody copies should pass for boilerplate.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.stages.duplicates.sketch import ABSENT
from pipeline.stages.duplicates.tokens import U32

_CELLS_BITS = 23
"""8,388,608 counters, 16 MiB. Shingles that share one are taken to be more frequent than they are; as that befalls
shared and other shingles alike, it costs sample size, not truth."""
_SPREAD = np.uint32(0x9E3779B1)
_SHIFT = np.uint32(32 - _CELLS_BITS)


class Frequencies:
    """Counts of the shingles in sketches of stories."""

    def __init__(self) -> None:
        self._counts: NDArray[np.uint16] = np.zeros(1 << _CELLS_BITS, np.uint16)

    @property
    def nbytes(self) -> int:
        """Bytes in use."""
        return self._counts.nbytes

    def add(self, hashes: U32) -> None:
        """Count the shingles of stories."""
        np.add.at(self._counts, _cells(hashes[hashes != ABSENT]), np.uint16(1))

    def remove(self, hashes: U32) -> None:
        """Count them no longer."""
        np.subtract.at(self._counts, _cells(hashes[hashes != ABSENT]), np.uint16(1))

    def of(self, hashes: U32) -> NDArray[np.uint16]:
        """The stories that each shingle occurs in."""
        return self._counts.take(_cells(hashes))


def _cells(hashes: U32) -> U32:
    return (hashes * _SPREAD) >> _SHIFT
