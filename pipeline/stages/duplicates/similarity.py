"""How alike two texts are, estimated from their sketches, for many pairs at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.stages.duplicates.frequencies import Frequencies
from pipeline.stages.duplicates.sketch import ABSENT, NO_NUMBER, U16, Sketches
from pipeline.stages.duplicates.tokens import U32, Flags, Ints

Floats = NDArray[np.float64]


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


class Similarity(NamedTuple):
    """One figure a pair.

    Attributes:
        whole: by all shingles.
        own: by the shingles that few stories have.
        numbers: shared numbers over those of the text with fewer, 0..1; nan where one text has none.
        numbers_seen: numbers behind that share.
    """

    whole: Overlap
    own: Overlap
    numbers: Floats
    numbers_seen: Ints


def compare(newer: Sketches, earlier: Sketches, frequencies: Frequencies, frequent: int) -> Similarity:
    """Compare the i-th of `newer` with the i-th of `earlier`.

    Args:
        newer: sketches of n texts.
        earlier: of n texts before them.
        frequencies: in how many stories a shingle is.
        frequent: a shingle in more stories than this belongs to none of them.
    """
    # Both sketches are complete up to the lower of their last hashes.
    limit = np.minimum(newer.hashes[:, -1], earlier.hashes[:, -1])[:, None]
    limit = np.minimum(limit, ABSENT - np.uint32(1))
    merged = np.concatenate((newer.hashes, earlier.hashes), axis=1)
    merged.sort(axis=1)
    in_newer, in_union = newer.hashes <= limit, merged <= limit
    in_both = np.zeros_like(in_union)
    np.equal(merged[:, 1:], merged[:, :-1], out=in_both[:, 1:])
    in_both &= in_union
    rare = frequencies.of(merged) <= frequent
    own = _counts(in_newer & (frequencies.of(newer.hashes) <= frequent), in_union & rare, in_both & rare)
    sampled = _counts(in_newer, in_union, in_both)
    return Similarity(
        _overlap(newer.sizes, earlier.sizes, *sampled),
        _overlap(
            newer.sizes * own[0] / np.maximum(sampled[0], 1),
            earlier.sizes * own[1] / np.maximum(sampled[1], 1),
            *own,
        ),
        *_shared_numbers(newer.numbers, earlier.numbers),
    )


def _counts(in_newer: Flags, in_union: Flags, in_both: Flags) -> tuple[Ints, Ints, Ints]:
    """Sampled shingles of the newer text, of the earlier one and of both; those of both are twice in the union."""
    newer, both = in_newer.sum(axis=1), in_both.sum(axis=1)
    return newer, in_union.sum(axis=1) - newer, both


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


def _shared_numbers(newer: U16, earlier: U16) -> tuple[Floats, Ints]:
    limit = np.minimum(newer[:, -1], earlier[:, -1])[:, None]
    limit = np.minimum(limit, NO_NUMBER - np.uint16(1))
    merged = np.concatenate((newer, earlier), axis=1)
    merged.sort(axis=1)
    shared = ((merged[:, 1:] == merged[:, :-1]) & (merged[:, 1:] <= limit)).sum(axis=1)
    fewer = np.minimum((newer <= limit).sum(axis=1), (earlier <= limit).sum(axis=1))
    return np.where(fewer > 0, shared / np.maximum(fewer, 1), np.nan), fewer
