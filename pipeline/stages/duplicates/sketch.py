"""Sketches: what is kept of a text to compare it with later ones.

A sketch holds the smallest hashes of the text's word 3-shingles (a bottom-k sketch, Broder 1997) and of its numbers.
Where both of two sketches are complete below some value, their members below it are a uniform sample of the union
of the two texts' shingles, from which Jaccard index and containment are estimated.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from pipeline.stages.duplicates.tokens import (
    SHINGLE_LENGTHS,
    U32,
    U64,
    WORDS_IN_SHINGLE,
    Ints,
    Tokens,
    mix,
    powers_of,
    tokenise,
)

U16 = NDArray[np.uint16]
_Unsigned = TypeVar("_Unsigned", bound=np.unsignedinteger)
Rows = NDArray[np.signedinteger] | slice

SKETCH_SIZE = 128
"""Hashes kept: the standard error of an estimated share s is sqrt(s * (1 - s) / 128), at most .044."""
NUMBERS_KEPT = 16
ABSENT = np.uint32(0xFFFFFFFF)
NO_NUMBER = np.uint16(0xFFFF)

_DIGEST = 16

_CHUNK = 1 << 17
"""Characters hashed at a time: the arrays of a chunk stay in the processor's second-level cache."""

_SHINGLE_BASE = 0xD6E8FEB86659FD93
_SHINGLE_POWERS = powers_of(_SHINGLE_BASE, WORDS_IN_SHINGLE)


class Sketches(NamedTuple):
    """Sketches of n texts.

    Attributes:
        hashes: n rows of SKETCH_SIZE shingle hashes, ascending, filled up with ABSENT.
        sizes: the number of distinct shingles of each text.
        numbers: n rows of NUMBERS_KEPT hashes of numbers, ascending, filled up with NO_NUMBER.
    """

    hashes: U32
    sizes: U32
    numbers: U16

    def take(self, rows: Rows) -> Sketches:
        """The sketches of some rows."""
        return Sketches(self.hashes[rows], self.sizes[rows], self.numbers[rows])

    def put(self, rows: Rows, sketches: Sketches) -> None:
        """Write sketches into some rows."""
        self.hashes[rows] = sketches.hashes
        self.sizes[rows] = sketches.sizes
        self.numbers[rows] = sketches.numbers

    def followed_by(self, others: Sketches) -> Sketches:
        """These sketches, then others."""
        return Sketches(
            np.concatenate((self.hashes, others.hashes)),
            np.concatenate((self.sizes, others.sizes)),
            np.concatenate((self.numbers, others.numbers)),
        )

    @classmethod
    def blank(cls, count: int) -> Sketches:
        """Sketches of texts without a word."""
        return cls(
            np.full((count, SKETCH_SIZE), ABSENT, np.uint32),
            np.zeros(count, np.uint32),
            np.full((count, NUMBERS_KEPT), NO_NUMBER, np.uint16),
        )


def sketch(texts: Sequence[str]) -> tuple[Sketches, list[bytes]]:
    """Sketch texts and hash their normalised form.

    Args:
        texts: as they came in; any length.

    Returns:
        The sketches, and for each text the 16-byte hash of its sequence of tokens. A text without any token is
        hashed as it stands, since there is nothing to normalise.
    """
    sketches = Sketches.blank(len(texts))
    contents: list[bytes] = []
    start = 0
    while start < len(texts):
        stop, characters = start + 1, len(texts[start])
        while stop < len(texts) and characters + len(texts[stop]) <= _CHUNK:
            characters += len(texts[stop])
            stop += 1
        tokens = tokenise(texts[start:stop])
        _smallest_shingles(tokens, sketches.hashes[start:stop], sketches.sizes[start:stop])
        _smallest_numbers(tokens, sketches.numbers[start:stop])
        contents.extend(_content_hashes(texts[start:stop], tokens))
        start = stop
    return sketches, contents


def _content_hashes(texts: Sequence[str], tokens: Tokens) -> list[bytes]:
    data = memoryview(tokens.hashes.tobytes())
    bounds = (tokens.bounds * tokens.hashes.itemsize).tolist()
    return [
        sha256(data[low:high] if low < high else text.encode("utf-8", "surrogatepass")).digest()[:_DIGEST]
        for text, low, high in zip(texts, bounds, bounds[1:], strict=False)
    ]


def _smallest_shingles(tokens: Tokens, hashes: U32, sizes: U32) -> None:
    """Fill in `hashes` and `sizes`."""
    bounds = tokens.bounds
    counts = np.diff(bounds)
    if tokens.has_characters:
        values, owners = _shingles_of_any_script(tokens, counts)
    else:
        values, owners = _word_shingles(tokens, counts)
    # One sort for the whole chunk: the owner above, the hash below.
    keyed = (owners.astype(np.uint64) << np.uint64(32)) | (mix(values) >> np.uint64(32))
    keyed = _ascending(keyed)
    edges = np.searchsorted(keyed, np.arange(len(counts) + 1, dtype=np.uint64) << np.uint64(32))
    sizes[:] = np.diff(edges)
    _fill(hashes, keyed.astype(np.uint32), edges)


def _ascending(values: NDArray[_Unsigned]) -> NDArray[_Unsigned]:
    """Sort in place; gives each value once."""
    values.sort()
    fresh = np.empty(len(values), np.bool_)
    fresh[:1] = True
    np.not_equal(values[1:], values[:-1], out=fresh[1:])
    return values[fresh]


def _fill(rows: NDArray[np.unsignedinteger], values: NDArray[np.unsignedinteger], edges: Ints) -> None:
    """Copy the first values of each segment into its row."""
    columns = np.arange(rows.shape[1])
    filled = columns < np.diff(edges)[:, None]
    rows[filled] = values[(edges[:-1, None] + columns)[filled]]


def _word_shingles(tokens: Tokens, counts: Ints) -> tuple[U64, Ints]:
    """A hash for each three words in a row; a text of one or two words is one shingle."""
    words = np.zeros(len(tokens.hashes) + WORDS_IN_SHINGLE - 1, np.uint64)
    words[: len(tokens.hashes)] = tokens.hashes
    size = len(tokens.hashes)
    values = words[:size].copy()
    owners = np.repeat(np.arange(len(counts)), counts)
    keep = np.ones(size, np.bool_)
    for back in range(1, WORDS_IN_SHINGLE):
        values += words[back : back + size] * _SHINGLE_POWERS[back]
        keep[tokens.bounds[1:][counts >= back] - back] = False
    for text in np.flatnonzero((counts > 0) & (counts < WORDS_IN_SHINGLE)):
        low, high = tokens.bounds[text : text + 2]
        values[low] = (words[low:high] * _SHINGLE_POWERS[: high - low]).sum(dtype=np.uint64)
        keep[low] = True
    return values[keep], owners[keep]


def _shingles_of_any_script(tokens: Tokens, counts: Ints) -> tuple[U64, Ints]:
    """The same with a length that depends on the first token; a text too short for it is one shingle."""
    size = len(tokens.hashes)
    owners = np.repeat(np.arange(len(counts)), counts)
    starts = np.arange(size)
    ends = starts + SHINGLE_LENGTHS[tokens.classes]
    limits = tokens.bounds[1:][owners]
    keep = ends <= limits
    complete = np.bincount(owners[keep], minlength=len(counts)) > 0
    firsts = tokens.bounds[:-1][(counts > 0) & ~complete]
    keep[firsts] = True
    ends[firsts] = limits[firsts]
    longest = int((ends - starts)[keep].max(initial=0))
    powers = powers_of(_SHINGLE_BASE, max(longest, 1))
    starts, ends, owners = starts[keep], ends[keep], owners[keep]
    values = np.zeros(len(starts), np.uint64)
    for back in range(longest):
        reaching = np.flatnonzero(starts + back < ends)
        values[reaching] += tokens.hashes[starts[reaching] + back] * powers[back]
    return values, owners


def _smallest_numbers(tokens: Tokens, numbers: U16) -> None:
    positions = np.flatnonzero(tokens.is_number)
    values = (tokens.hashes[positions] >> np.uint64(48)).astype(np.uint32)
    owners = np.searchsorted(tokens.bounds, positions, side="right") - 1
    keyed = _ascending((owners.astype(np.uint32) << np.uint32(16)) | values)
    edges = np.searchsorted(keyed >> np.uint32(16), np.arange(len(numbers) + 1))
    _fill(numbers, keyed.astype(np.uint16), edges)
