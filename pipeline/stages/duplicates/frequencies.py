"""In how many stories a shingle occurs: what many share (footers, teasers, stock phrases, forms) ties no two.

Counted are stories, not articles, lest a text that everybody copies should pass for boilerplate. A copy that is not
nearly identical to an earlier one counts for a fraction of a story: of a true story there are only so many versions
that differ from each other, while articles that were tied by a long footer alone keep coming.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.stages.duplicates.sketch import ABSENT
from pipeline.stages.duplicates.tokens import U32, Flags, Ints

_CELLS_BITS = 22
"""4,194,304 counters, 8 MiB. Shingles that share one are taken to be more frequent than they are; as that befalls
shared and other shingles alike, it costs sample size, not truth."""
_SPREAD = np.uint32(0x9E3779B1)
_SHIFT = np.uint32(32 - _CELLS_BITS)


STORY, VERSION = 3, 1
"""What an article that founds a cluster, and one that joins a cluster, add to the count of a shingle."""


class Frequencies:
    """Counts of the shingles in sketches, in thirds of a story."""

    def __init__(self) -> None:
        self._counts: NDArray[np.uint16] = np.zeros(1 << _CELLS_BITS, np.uint16)

    @property
    def nbytes(self) -> int:
        """Bytes in use."""
        return self._counts.nbytes

    def add(self, hashes: U32, amount: int) -> None:
        """Count the shingles of articles."""
        np.add.at(self._counts, _cells(hashes[hashes != ABSENT]), np.uint16(amount))

    def remove(self, hashes: U32, amount: int) -> None:
        """Count them no longer."""
        np.subtract.at(self._counts, _cells(hashes[hashes != ABSENT]), np.uint16(amount))

    def rare(self, hashes: U32, stories: Ints) -> Flags:
        """Which shingles occur in no more than so many stories, a number for each row of hashes."""
        rare: Flags = self._counts.take(_cells(hashes)) <= (STORY * stories).astype(np.uint16)[:, None]
        return rare


def _cells(hashes: U32) -> U32:
    return (hashes * _SPREAD) >> _SHIFT
