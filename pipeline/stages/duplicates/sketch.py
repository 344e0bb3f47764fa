"""Sketches: what is kept of a text to compare it with later ones.

A sketch holds the smallest hashes of the text's word 3-shingles (a bottom-k sketch, Broder 1997) and of its numbers.
Where both of two sketches are complete below some value, their members below it are a uniform sample of the union
of the two texts' shingles, from which Jaccard index and containment are estimated.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import pairwise
from typing import NamedTuple, TypeVar
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from pipeline.stages.duplicates.normalise import normalise
from pipeline.stages.duplicates.takes import take_of
from pipeline.stages.duplicates.tokens import (
    SHINGLE_LENGTHS,
    U8,
    U32,
    WORDS_IN_SHINGLE,
    Flags,
    Ints,
    Tokens,
    mixed_upper_half,
    powers_of,
    tokenise,
)

U16 = NDArray[np.uint16]
Rows = NDArray[np.signedinteger] | slice
"""Some rows, by number; a slice takes them without copying."""
_Unsigned = TypeVar("_Unsigned", bound=np.unsignedinteger)

SKETCH_SIZE = 128
"""Hashes kept: the standard error of an estimated share s is sqrt(s * (1 - s) / 128), at most .044."""
NUMBERS_KEPT = 16
LEAD_LENGTH = 4
ABSENT = np.uint32(0xFFFFFFFF)
NO_NUMBER = np.uint16(0xFFFF)
NO_SOURCE = np.uint16(0xFFFF)

_DIGEST = 16

_CHUNK = 1 << 18
"""Characters hashed at a time: the arrays of a chunk stay in the processor's second-level cache."""

_SHINGLE_BASE = 0xD6E8FEB86659FD93
_SHINGLE_POWERS = powers_of(_SHINGLE_BASE, WORDS_IN_SHINGLE)


def rows_where(flags: Flags) -> Rows:
    """The rows that are flagged, as a slice where no other lies between them."""
    rows = np.flatnonzero(flags)
    if not len(rows) or rows[-1] - rows[0] >= len(rows):
        return rows
    return slice(int(rows[0]), int(rows[-1]) + 1)


class Sketches(NamedTuple):
    """Sketches of n texts.

    Attributes:
        hashes: n rows of SKETCH_SIZE shingle hashes, ascending, filled up with ABSENT.
        sizes: the number of distinct shingles of each text.
        numbers: n rows of NUMBERS_KEPT hashes of numbers, ascending, filled up with NO_NUMBER.
        leads: n rows of LEAD_LENGTH hashes of the first words that tell something, filled up with NO_NUMBER.
        takes: what each text says of itself, as `take_of` gives it.
        sources: a hash of who published each, NO_SOURCE where that isn't known.
    """

    hashes: U32
    sizes: U32
    numbers: U16
    leads: U16
    takes: U8
    sources: U16

    def take(self, rows: Rows) -> Sketches:
        """The sketches of some rows."""
        hashes, sizes, numbers, leads, takes, sources = self
        return Sketches(hashes[rows], sizes[rows], numbers[rows], leads[rows], takes[rows], sources[rows])

    @classmethod
    def joined(cls, parts: Sequence[Sketches]) -> Sketches:
        """All of these, one after another."""
        return cls(*map(np.concatenate, zip(*parts, strict=True))) if parts else cls.blank(0)

    @classmethod
    def blank(cls, count: int) -> Sketches:
        """Sketches of texts without a word."""
        return cls(
            np.full((count, SKETCH_SIZE), ABSENT, np.uint32),
            np.zeros(count, np.uint32),
            np.full((count, NUMBERS_KEPT), NO_NUMBER, np.uint16),
            np.full((count, LEAD_LENGTH), NO_NUMBER, np.uint16),
            np.zeros(count, np.uint8),
            np.full(count, NO_SOURCE, np.uint16),
        )


def sketch(texts: Sequence[str], sources: Sequence[str] | None = None) -> tuple[Sketches, list[bytes]]:
    """Sketch texts and hash their normalised form.

    Args:
        texts: as they came in; any length.
        sources: who published each.

    Returns:
        The sketches, and for each text the 16-byte hash of its sequence of tokens. A text without any token is
        hashed as it stands, since there is nothing to normalise.
    """
    normalised = list(map(normalise, texts))
    sketches = Sketches.blank(len(texts))
    sketches.takes[:] = np.fromiter(map(take_of, texts), np.uint8, len(texts))
    if sources is not None:
        sketches.sources[:] = np.fromiter(map(_source, sources), np.uint16, len(texts))
    contents = [b""] * len(texts)
    for rows in _chunks(normalised):
        tokens = tokenise([normalised[row] for row in rows])
        hashes, sizes = _smallest_shingles(tokens)
        at = np.array(rows)
        sketches.hashes[at], sketches.sizes[at] = hashes, sizes
        sketches.numbers[at], sketches.leads[at] = _smallest_numbers(tokens), _leads(tokens)
        for row, content in zip(rows, _content_hashes([texts[row] for row in rows], tokens), strict=True):
            contents[row] = content
    return sketches, contents


def _source(name: str) -> int:
    return min(crc32(name.encode("utf-8", "surrogatepass")) & 0xFFFF, int(NO_SOURCE) - 1)


def _chunks(texts: Sequence[str]) -> Iterator[list[int]]:
    """The texts by number, so many at a time as are hashed together, those in ASCII apart from the others."""
    for ascii_only in (True, False):
        chunk: list[int] = []
        characters = 0
        for row, text in enumerate(texts):
            if text.isascii() is not ascii_only:
                continue
            characters += len(text)
            if chunk and characters > _CHUNK:
                yield chunk
                chunk, characters = [], len(text)
            chunk.append(row)
        if chunk:
            yield chunk


def _content_hashes(texts: Sequence[str], tokens: Tokens) -> list[bytes]:
    data = tokens.hashes.view(np.uint8).data
    bounds = (tokens.bounds * tokens.hashes.itemsize).tolist()
    return [
        sha256(data[low:high] if low < high else text.encode("utf-8", "surrogatepass")).digest()[:_DIGEST]
        for text, low, high in zip(texts, bounds, bounds[1:], strict=False)
    ]


def _smallest_shingles(tokens: Tokens) -> tuple[U32, U32]:
    """The hashes of Sketches, and the sizes."""
    values, edges = _shingles_of_any_script(tokens) if tokens.has_characters else _word_shingles(tokens)
    return _smallest(values, edges, SKETCH_SIZE, ABSENT)


def _word_shingles(tokens: Tokens) -> tuple[U32, Ints]:
    """A hash for each three words in a row, and the edges of texts; one or two words alone are one shingle."""
    counts = np.diff(tokens.bounds)
    size = len(tokens.hashes)
    words = tokens.hashes
    values = words.copy()
    keep = np.ones(size, np.bool_)
    for back in range(1, WORDS_IN_SHINGLE):
        values[: size - back] += words[back:] * _SHINGLE_POWERS[back]
        keep[tokens.bounds[1:][counts >= back] - back] = False
    for text in np.flatnonzero((counts > 0) & (counts < WORDS_IN_SHINGLE)):
        low, high = tokens.bounds[text : text + 2]
        values[low] = (words[low:high] * _SHINGLE_POWERS[: high - low]).sum(dtype=np.uint64)
        keep[low] = True
    shingles = np.maximum(counts - (WORDS_IN_SHINGLE - 1), np.minimum(counts, 1))
    return mixed_upper_half(values)[keep], _edges(shingles)


def _shingles_of_any_script(tokens: Tokens) -> tuple[U32, Ints]:
    """The same with a length that depends on the first token; a text too short for it is one shingle."""
    counts = np.diff(tokens.bounds)
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
    return mixed_upper_half(values), _edges(np.bincount(owners, minlength=len(counts)))


def _smallest_numbers(tokens: Tokens) -> U16:
    positions = np.flatnonzero(tokens.is_number)
    values = (tokens.hashes[positions] >> np.uint64(48)).astype(np.uint16)
    return _smallest(values, np.searchsorted(positions, tokens.bounds), NUMBERS_KEPT, NO_NUMBER)[0]


def _leads(tokens: Tokens) -> U16:
    """The first words of each text that tell something: what it is about, in a headline or a lead."""
    positions = np.flatnonzero(tokens.is_telling)
    edges = np.searchsorted(positions, tokens.bounds)
    values = np.append((tokens.hashes[positions] >> np.uint64(48)).astype(np.uint16), NO_NUMBER)
    columns = np.arange(LEAD_LENGTH)
    leads = values.take(edges[:-1, None] + columns, mode="clip")
    leads[columns >= np.diff(edges)[:, None]] = NO_NUMBER
    return leads


def _smallest(
    values: NDArray[_Unsigned], edges: Ints, count: int, filler: _Unsigned
) -> tuple[NDArray[_Unsigned], U32]:
    """The smallest distinct values of each segment.

    Args:
        values: sorted here within their segments.
        edges: segment i is `values[edges[i] : edges[i + 1]]`.
        count: how many to give of each.
        filler: given where there are fewer.

    Returns:
        A row for each segment, ascending; and how many distinct values it has.
    """
    for low, high in pairwise(edges.tolist()):
        values[low:high].sort()
    repeated = np.empty(len(values), np.bool_)
    np.equal(values[1:], values[:-1], out=repeated[1:])
    repeated[edges[:-1][edges[:-1] < edges[1:]]] = False
    edges = edges - np.searchsorted(np.flatnonzero(repeated), edges)
    sizes = np.diff(edges)
    distinct = np.append(values[~repeated], filler)
    columns = np.arange(count)
    smallest = distinct.take(edges[:-1, None] + columns, mode="clip")
    smallest[columns >= sizes[:, None]] = filler
    return smallest, sizes.astype(np.uint32)


def _edges(sizes: Ints) -> Ints:
    """Where segments of these sizes begin, and where the last one ends."""
    return np.concatenate(([0], np.cumsum(sizes)))
