"""How alike two texts are, estimated from their sketches, for many pairs at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.stages.duplicates.frequencies import Frequencies
from pipeline.stages.duplicates.sketch import ABSENT, NO_NUMBER, U16, Sketches
from pipeline.stages.duplicates.tokens import U32, Flags, Ints

Floats = NDArray[np.float64]

ENOUGH_NUMBERS = 3
"""One or two may be those of the page around a text: an hour, a count of comments."""


class Overlap(NamedTuple):
    """What two texts share, by one kind of shingle; one figure a pair.

    Attributes:
        jaccard: share of the pair's shingles that are in both texts, 0..1.
        containment: shared shingles over those of the text with fewer, 0..1.
        novelty: share of the newer text's shingles that the earlier one lacks, 0..1.
        shared: sampled shingles that are in both.
        seen: sampled shingles of the text with fewer of them: the evidence behind the estimates.
    """

    jaccard: Floats
    containment: Floats
    novelty: Floats
    shared: Ints
    seen: Ints

    def take(self, pairs: Ints) -> Overlap:
        """Some of the pairs."""
        jaccard, containment, novelty, shared, seen = self
        return Overlap(jaccard[pairs], containment[pairs], novelty[pairs], shared[pairs], seen[pairs])


class Numbers(NamedTuple):
    """How far two texts agree in their numbers; one figure a pair.

    Attributes:
        shared: shared numbers over those of the text with fewer, 0..1; nan where one text has none.
        mutual: the same over those of the text with more; nan where neither has enough of them.
        seen: numbers of the text with fewer.
    """

    shared: Floats
    mutual: Floats
    seen: Ints

    def take(self, pairs: Ints) -> Numbers:
        """Some of the pairs."""
        return Numbers(self.shared[pairs], self.mutual[pairs], self.seen[pairs])


def compare(newer: Sketches, earlier: Sketches) -> Overlap:
    """Compare the i-th of `newer` with the i-th of `earlier` by all their shingles."""
    return _overlap(newer.sizes, earlier.sizes, *_counts(*_sample(newer, earlier)[1:]))


def compare_own(newer: Sketches, earlier: Sketches, frequencies: Frequencies, frequent: Ints) -> Overlap:
    """Compare them by the shingles that few stories have.

    Args:
        newer: sketches of n texts.
        earlier: of n texts before them.
        frequencies: in how many stories a shingle is.
        frequent: for each pair, in how many stories a shingle may be that is somebody's own.
    """
    merged, in_newer, in_union, in_both = _sample(newer, earlier)
    sampled = _counts(in_newer, in_union, in_both)
    rare = frequencies.rare(merged, frequent)
    own = _counts(in_newer & frequencies.rare(newer.hashes, frequent), in_union & rare, in_both & rare)
    return _overlap(
        newer.sizes * (own[0] / np.maximum(sampled[0], 1)),
        earlier.sizes * (own[1] / np.maximum(sampled[1], 1)),
        *own,
    )


def compare_numbers(newer: U16, earlier: U16) -> Numbers:
    """Compare the `numbers` of two sketches, the i-th of `newer` with the i-th of `earlier`."""
    limit = np.minimum(newer[:, -1], earlier[:, -1])[:, None]
    limit = np.minimum(limit, NO_NUMBER - np.uint16(1))
    merged = np.concatenate((newer, earlier), axis=1)
    merged.sort(axis=1)
    both = np.count_nonzero((merged[:, 1:] == merged[:, :-1]) & (merged[:, 1:] <= limit), axis=1)
    ours, theirs = np.count_nonzero(newer <= limit, axis=1), np.count_nonzero(earlier <= limit, axis=1)
    seen = np.minimum(ours, theirs)
    most = np.maximum(ours, theirs)
    return Numbers(
        np.where(seen > 0, both / np.maximum(seen, 1), np.nan),
        np.where(most >= ENOUGH_NUMBERS, both / np.maximum(most, 1), np.nan),
        seen,
    )


def figures_per_word(numbers: U16, sizes: Ints | U32) -> Floats:
    """About how many different numbers a text has for each of its shingles: few in prose, many in a table.

    Args:
        numbers: the `numbers` of sketches.
        sizes: their shingles.
    """
    kept = np.count_nonzero(numbers != NO_NUMBER, axis=1)
    # All that are kept lie below the last of them: the share of all hashes that this is says how many there are.
    spread = (numbers.shape[1] - 1) * float(NO_NUMBER) / np.maximum(numbers[:, -1], 1)
    figures: Floats = np.where(kept == numbers.shape[1], spread, kept) / np.maximum(sizes, 1)
    return figures


def _sample(newer: Sketches, earlier: Sketches) -> tuple[U32, Flags, Flags, Flags]:
    """The hashes of both, ascending, and which of those of the newer one and of these are in the sample.

    Returns:
        The hashes; the newer ones inside the sample; those of the union inside it; those that are in both texts,
        each marked once.
    """
    # Both sketches are complete up to the lower of their last hashes.
    limit = np.minimum(newer.hashes[:, -1], earlier.hashes[:, -1])[:, None]
    limit = np.minimum(limit, ABSENT - np.uint32(1))
    merged = np.concatenate((newer.hashes, earlier.hashes), axis=1)
    merged.sort(axis=1)
    in_union = merged <= limit
    in_both = np.zeros_like(in_union)
    np.equal(merged[:, 1:], merged[:, :-1], out=in_both[:, 1:])
    in_both &= in_union
    return merged, newer.hashes <= limit, in_union, in_both


def _counts(in_newer: Flags, in_union: Flags, in_both: Flags) -> tuple[Ints, Ints, Ints]:
    """Sampled shingles of the newer text, of the earlier one and of both; those of both are twice in the union."""
    newer, both = _true_in_row(in_newer), _true_in_row(in_both)
    return newer, _true_in_row(in_union) - newer, both


def _true_in_row(flags: Flags) -> Ints:
    """How many of each row, whose length is a multiple of 64."""
    words = np.packbits(flags, axis=1).view(np.uint64)
    counts: Ints = np.bitwise_count(words).sum(axis=1, dtype=np.int64)
    return counts


def _overlap(
    new_size: Floats | U32, old_size: Floats | U32, newer: Ints, earlier: Ints, both: Ints
) -> Overlap:
    """Estimate from the sizes of two sets, and from how many of a sample are in each and in both."""
    jaccard = both / np.maximum(newer + earlier - both, 1)
    smaller = np.minimum(new_size, old_size)
    # |A and B| = J (|A| + |B|) / (1 + J): less noise than the sample alone, since the sizes are known.
    common = np.minimum(jaccard * (new_size + old_size) / (1 + jaccard), smaller)
    return Overlap(
        jaccard,
        common / np.maximum(smaller, 1),
        1 - common / np.maximum(new_size, 1),
        both,
        np.minimum(newer, earlier),
    )
