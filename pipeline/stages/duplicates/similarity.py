"""How alike two texts are, estimated from their sketches, for many pairs at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.stages.duplicates.sketch import ABSENT, NO_NUMBER, NUMBERS_KEPT, SKETCH_SIZE, Sketches
from pipeline.stages.duplicates.tokens import Ints

Floats = NDArray[np.float64]


class Similarity(NamedTuple):
    """One figure a pair.

    Attributes:
        jaccard: share of the pair's shingles that are in both texts, 0..1.
        containment: shared shingles over those of the smaller text, 0..1.
        novelty: share of the newer text's shingles that the earlier one lacks, 0..1.
        shared: sampled shingles seen in both: the evidence behind the estimates.
        numbers: shared numbers over those of the text with fewer, 0..1; nan where one text has none.
        numbers_seen: numbers behind that share.
    """

    jaccard: Floats
    containment: Floats
    novelty: Floats
    shared: Ints
    numbers: Floats
    numbers_seen: Ints


def compare(newer: Sketches, earlier: Sketches) -> Similarity:
    """Compare the i-th of `newer` with the i-th of `earlier`."""
    new_sampled, old_sampled, shared = _sample(newer.hashes, earlier.hashes, SKETCH_SIZE, ABSENT)
    sampled = new_sampled + old_sampled - shared
    jaccard = shared / np.maximum(sampled, 1)
    new_size, old_size = newer.sizes.astype(np.float64), earlier.sizes.astype(np.float64)
    smaller = np.minimum(new_size, old_size)
    # |A and B| = J (|A| + |B|) / (1 + J), and the sizes are known exactly.
    common = np.minimum(jaccard * (new_size + old_size) / (1 + jaccard), smaller)
    containment = common / np.maximum(smaller, 1)
    novelty = 1 - common / np.maximum(new_size, 1)
    new_numbers, old_numbers, shared_numbers = _sample(
        newer.numbers, earlier.numbers, NUMBERS_KEPT, NO_NUMBER
    )
    fewer = np.minimum(new_numbers, old_numbers)
    numbers = np.where(fewer > 0, shared_numbers / np.maximum(fewer, 1), np.nan)
    return Similarity(jaccard, containment, novelty, shared, numbers, fewer)


def _sample(
    left: NDArray[np.unsignedinteger],
    right: NDArray[np.unsignedinteger],
    width: int,
    absent: np.unsignedinteger,
) -> tuple[Ints, Ints, Ints]:
    """Members of each row of `left`, of `right` and of both, up to the value where both sketches are complete."""
    limit = np.minimum(left[:, -1], right[:, -1])[:, None]
    within_left, within_right = (left <= limit) & (left < absent), (right <= limit) & (right < absent)
    merged = np.empty((len(left), 2 * width), left.dtype)
    merged[:, :width], merged[:, width:] = left, right
    merged.sort(axis=1)
    twice = (merged[:, 1:] == merged[:, :-1]) & (merged[:, 1:] <= limit) & (merged[:, 1:] < absent)
    return within_left.sum(axis=1), within_right.sum(axis=1), twice.sum(axis=1)
