"""The earlier articles that tell the story of an article of a batch: in the index, and in the batch itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.stages.duplicates.generation import KEYS
from pipeline.stages.duplicates.index import Index
from pipeline.stages.duplicates.similarity import compare, compare_numbers, compare_own
from pipeline.stages.duplicates.sketch import ABSENT, Sketches
from pipeline.stages.duplicates.tokens import U32, U64, Flags, Ints
from pipeline.stages.duplicates.verdicts import LEAST_CONTAINMENT, Thresholds, contradict, same_story

_KEYS_SHARED = 2
"""Keys that two sketches must share to be compared, if they have as many."""
_EXCERPT = 2
"""Of texts whose lengths differ by this factor one key is enough: an excerpt has but few of the longer text's."""
_NEIGHBOURS = 16
"""Articles of one batch that share a key are each compared with so many before them and so many of the first."""


@dataclass(frozen=True, slots=True)
class Match:
    """An earlier article of the same story.

    Attributes:
        place: where it is in the index, None if in the batch.
        row: its row in the batch, None if in the index.
        time: its effective time in microseconds.
        birth: when its cluster was founded; of no use for one in the batch.
        jaccard: 1 for equal content, and so on.
    """

    place: int | None
    row: int | None
    time: int
    birth: int
    jaccard: float
    containment: float
    novelty: float


def exact_matches(contents: U64, times: Ints, index: Index) -> dict[int, list[Match]]:
    """The indexed articles of equal content, by row."""
    rows, places = index.same_content(contents, times)
    their_times, births = index.times_and_births_of(places)
    matches: dict[int, list[Match]] = {}
    for row, place, time, birth in zip(
        rows.tolist(), places.tolist(), their_times.tolist(), births.tolist(), strict=True
    ):
        matches.setdefault(row, []).append(Match(place, None, time, birth, 1.0, 1.0, 0.0))
    return matches


def near_matches(
    sketches: Sketches, times: Ints, window: int, index: Index, thresholds: Thresholds
) -> dict[int, list[Match]]:
    """The indexed articles, and those earlier in the batch, that tell the same story, by row.

    Args:
        sketches: of the batch.
        times: effective times in microseconds.
        window: the largest distance in time, microseconds.
        index: the articles before the batch.
        thresholds: of the decision.
    """
    sizes = sketches.sizes.astype(np.int64)
    alike = index.alike(sketches.hashes, times)
    likely = _likely(alike.shared, sizes[alike.rows], alike.sizes)
    old_rows, places = alike.rows[likely], alike.places[likely]
    rows, partners, shared = _alike_within(sketches.hashes)
    likely = _likely(shared, sizes[rows], sizes[partners]) & (np.abs(times[rows] - times[partners]) <= window)
    rows, partners = rows[likely], partners[likely]
    newer = sketches.take(np.concatenate((old_rows, rows)))
    earlier = Sketches.joined([index.sketches_of(places), sketches.take(partners)])
    whole, numbers = compare(newer, earlier), compare_numbers(newer, earlier)
    told = np.flatnonzero((whole.containment >= LEAST_CONTAINMENT) & ~contradict(numbers, thresholds))
    newer, earlier, whole, numbers = (
        newer.take(told),
        earlier.take(told),
        whole.take(told),
        numbers.take(told),
    )
    own = compare_own(newer, earlier, index.frequencies, thresholds.frequent)
    same = np.flatnonzero(same_story(whole, own, numbers, thresholds))
    told, whole = told[same], whole.take(same)
    their_times, births = index.times_and_births_of(places)
    all_times = np.concatenate((their_times, times[partners]))
    matches: dict[int, list[Match]] = {}
    figures = zip(
        told.tolist(),
        all_times[told].tolist(),
        whole.jaccard.tolist(),
        whole.containment.tolist(),
        whole.novelty.tolist(),
        strict=True,
    )
    for pair, time, *similarity in figures:
        at = pair - len(old_rows)
        if at < 0:
            row, match = old_rows[pair], Match(int(places[pair]), None, time, int(births[pair]), *similarity)
        else:
            row, match = rows[at], Match(None, int(partners[at]), time, 0, *similarity)
        matches.setdefault(int(row), []).append(match)
    return matches


def _likely(shared: Ints, new_sizes: Ints, old_sizes: Ints) -> Flags:
    """Which pairs share enough keys to be compared."""
    smaller, larger = np.minimum(new_sizes, old_sizes), np.maximum(new_sizes, old_sizes)
    likely: Flags = (shared >= np.minimum(smaller, _KEYS_SHARED)) | (larger >= _EXCERPT * smaller)
    return likely


def _alike_within(hashes: U32) -> tuple[Ints, Ints, Ints]:
    """For each pair of sketches that share keys: the row, the earlier row, the keys shared."""
    keys = hashes[:, :KEYS].ravel()
    given = np.flatnonzero(keys != ABSENT)
    keyed = (keys[given].astype(np.uint64) << np.uint64(32)) | (given // KEYS).astype(np.uint64)
    keyed.sort()
    keys, rows = keyed >> np.uint64(32), (keyed & np.uint64(0xFFFFFFFF)).astype(np.int64)
    if not len(keys):
        return rows, rows, rows
    opens = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
    sizes = np.diff(np.append(opens, len(keys)))
    firsts = np.repeat(opens, sizes)
    ranks = np.arange(len(keys)) - firsts
    pairs = []
    for distance in range(1, min(int(sizes.max()), _NEIGHBOURS + 1)):
        later = np.flatnonzero(ranks >= distance)
        pairs.append((rows[later] << 32) | rows[later - distance])
    for rank in range(min(int(sizes.max()) - 1, _NEIGHBOURS)):
        later = np.flatnonzero(ranks > rank + _NEIGHBOURS)
        pairs.append((rows[later] << 32) | rows[firsts[later] + rank])
    if not pairs:
        return rows[:0], rows[:0], rows[:0]
    joined, shared = np.unique(np.concatenate(pairs), return_counts=True)
    return joined >> 32, joined & 0xFFFFFFFF, shared
