"""A column of an index that grows in place."""

from __future__ import annotations

from mmap import MAP_ANONYMOUS, MAP_PRIVATE, mmap
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

_FIRST_ROWS = 256

Scalar = TypeVar("Scalar", bound=np.generic)


class Column(Generic[Scalar]):
    """Rows of numbers in anonymous memory of their own.

    Growing moves pages, not bytes, pages that nothing was written to take no memory, and all of it goes back to
    the system when the column is dropped. From the general heap, columns that grow side by side would leave holes
    of twice their size.

    Args:
        dtype: of the numbers.
        width: numbers in a row; None for a column of single ones.

    Attributes:
        rows: the room there is, as an array; not to be kept across `reserve`.
    """

    rows: NDArray[Scalar]

    def __init__(self, dtype: DTypeLike, width: int | None = None) -> None:
        self._dtype: np.dtype[Any] = np.dtype(dtype)
        self._width = width
        self._memory = _pages(_FIRST_ROWS * self.row_bytes)
        self._look()

    @property
    def row_bytes(self) -> int:
        """Bytes of a row."""
        return self._dtype.itemsize * (self._width or 1)

    def reserve(self, count: int) -> None:
        """Make room for so many rows."""
        if count <= len(self.rows):
            return
        needed = max(count, 2 * len(self.rows)) * self.row_bytes
        del self.rows  # memory can't move while an array looks at it
        try:
            self._memory.resize(needed)
        except SystemError:  # a system without mremap
            grown = _pages(needed)
            grown[: len(self._memory)] = self._memory[:]
            self._memory = grown
        self._look()

    def _look(self) -> None:
        rows = np.frombuffer(self._memory, self._dtype)
        self.rows = rows if self._width is None else rows.reshape(-1, self._width)


def _pages(size: int) -> mmap:
    # Private: a shared mapping has the size it was made with, and writing past it ends the process.
    return mmap(-1, size, flags=MAP_PRIVATE | MAP_ANONYMOUS)
