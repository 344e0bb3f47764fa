"""The earlier articles that tell the story of an article of a batch: in the index, and in the batch itself."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from pipeline.stages.duplicates.frequencies import Frequencies
from pipeline.stages.duplicates.generation import KEYS
from pipeline.stages.duplicates.index import Index, Places, Rows
from pipeline.stages.duplicates.similarity import (
    Numbers,
    Overlap,
    compare,
    compare_numbers,
    compare_own,
    figures_per_word,
    name_the_same,
)
from pipeline.stages.duplicates.sketch import ABSENT, Sketches
from pipeline.stages.duplicates.tokens import U32, U64, Flags, Ints
from pipeline.stages.duplicates.verdicts import (
    LEAST_CONTAINMENT,
    Thresholds,
    contradict,
    excused,
    filled_in_anew,
    may_be_excused,
    same_story,
)

_KEYS_SHARED = 2
"""Keys that two sketches must share to be compared, if they have as many."""
_EXCERPT = 2
"""Of texts whose lengths differ by this factor one key is enough: an excerpt has but few of the longer text's."""
_NEIGHBOURS = 16
"""Articles of one batch that share a key are each compared with so many before them and so many of the first."""


class Match(NamedTuple):
    """An earlier article of the same story.

    Attributes:
        place: where it is in the index, None if in the batch.
        row: its row in the batch, None if in the index.
        names: its id and that of the cluster it was put in, None for one in the batch.
        time: its effective time in microseconds.
        birth: when its cluster was founded; of no use for one in the batch.
        jaccard: 1 for equal content, and so on.
        moved_on: whether the numbers of an otherwise alike text have changed, or it says that it updates one.
    """

    place: int | None
    row: int | None
    names: tuple[str, str] | None
    time: int
    birth: int
    jaccard: float
    containment: float
    novelty: float
    moved_on: bool = False


class Asked(NamedTuple):
    """What is looked up of a batch.

    Attributes:
        sketches: of the texts.
        times: effective times in microseconds.
        takes: which say that they correct or update an earlier text.
    """

    sketches: Sketches
    times: Ints
    takes: Flags


class _Pairs(NamedTuple):
    """Pairs of an asking row and an earlier article: first those of the index, then those of the batch.

    Attributes:
        rows: the asking rows of all pairs.
        places: of the earlier articles in the index.
        partners: the rows of those in the batch.
        sizes: the shingles of the earlier articles.
    """

    rows: Rows
    places: Places
    partners: Rows
    sizes: Ints

    def take(self, pairs: Ints) -> _Pairs:
        """Some of the pairs, in this order."""
        indexed = np.searchsorted(pairs, len(self.places))
        return _Pairs(
            Rows(self.rows[pairs]),
            Places(self.places[pairs[:indexed]]),
            Rows(self.partners[pairs[indexed:] - len(self.places)]),
            self.sizes[pairs],
        )


def exact_matches(contents: U64, times: Ints, index: Index) -> dict[int, list[Match]]:
    """The indexed articles of equal content, by row."""
    rows, places = index.same_content(contents, times)
    their_times, births = index.times_and_births_of(places)
    matches: dict[int, list[Match]] = {}
    for row, place, names, time, birth in zip(
        rows.tolist(),
        places.tolist(),
        index.names_of(places),
        their_times.tolist(),
        births.tolist(),
        strict=True,
    ):
        matches.setdefault(row, []).append(Match(place, None, names, time, birth, 1.0, 1.0, 0.0))
    return matches


def near_matches(asked: Asked, window: int, index: Index, thresholds: Thresholds) -> dict[int, list[Match]]:
    """The indexed articles, and those earlier in the batch, that tell the same story, by row.

    Args:
        asked: the batch.
        window: the largest distance in time, microseconds.
        index: the articles before the batch.
        thresholds: of the decision.
    """
    sketches, times = asked.sketches, asked.times
    pairs = _candidates(sketches, times, window, index)
    theirs = np.concatenate((index.numbers_of(pairs.places), sketches.numbers[pairs.partners]))
    numbers = compare_numbers(sketches.numbers[pairs.rows], theirs)
    differing = contradict(numbers, thresholds)
    excusable = may_be_excused(
        numbers,
        figures_per_word(sketches.numbers[pairs.rows], sketches.sizes[pairs.rows]),
        figures_per_word(theirs, pairs.sizes),
        asked.takes[pairs.rows],
    )
    likely = np.flatnonzero(~differing | excusable)
    pairs, differing = pairs.take(likely), differing[likely]
    newer = sketches.take(pairs.rows)
    earlier = Sketches.joined([index.sketches_of(pairs.places), sketches.take(pairs.partners)])
    same, whole = _of_one_story(newer, earlier, numbers.take(likely), index.frequencies, thresholds)
    takes = asked.takes[pairs.rows[same]]
    kept = np.flatnonzero(
        ~filled_in_anew(
            whole,
            newer.sizes[same],
            earlier.sizes[same],
            name_the_same(newer.leads[same], earlier.leads[same]),
        )
        & (~differing[same] | excused(whole, takes))
    )
    moved_on = (differing[same] | takes)[kept]
    whole = whole.take(kept)
    rows, places, partners, _ = pairs.take(same[kept])
    their_times, births = index.times_and_births_of(places)
    indexed, in_batch = len(places), len(partners)
    columns = (
        places.tolist() + [None] * in_batch,
        [None] * indexed + partners.tolist(),
        index.names_of(places) + [None] * in_batch,
        their_times.tolist() + times[partners].tolist(),
        births.tolist() + [0] * in_batch,
        whole.jaccard.tolist(),
        whole.containment.tolist(),
        whole.novelty.tolist(),
        moved_on.tolist(),
    )
    matches: dict[int, list[Match]] = {}
    for row, match in zip(rows.tolist(), map(Match, *columns), strict=True):
        matches.setdefault(row, []).append(match)
    return matches


def _candidates(sketches: Sketches, times: Ints, window: int, index: Index) -> _Pairs:
    """The pairs inside the window that share enough keys to be compared."""
    sizes = sketches.sizes.astype(np.int64)
    alike = index.alike(sketches.hashes, times)
    indexed = _likely(alike.shared, sizes[alike.rows], alike.sizes)
    rows, partners, shared = _alike_within(sketches.hashes)
    in_batch = _likely(shared, sizes[rows], sizes[partners]) & (
        np.abs(times[rows] - times[partners]) <= window
    )
    return _Pairs(
        Rows(np.concatenate((alike.rows[indexed], rows[in_batch]))),
        Places(alike.places[indexed]),
        Rows(partners[in_batch]),
        np.concatenate((alike.sizes[indexed], sizes[partners[in_batch]])),
    )


def _of_one_story(
    newer: Sketches, earlier: Sketches, numbers: Numbers, frequencies: Frequencies, thresholds: Thresholds
) -> tuple[Ints, Overlap]:
    """Which pairs tell the same story, ascending, and how much of their whole texts these share."""
    whole = compare(newer, earlier)
    told = np.flatnonzero(whole.containment >= LEAST_CONTAINMENT)
    whole, numbers = whole.take(told), numbers.take(told)
    own = compare_own(newer.take(told), earlier.take(told), frequencies, thresholds.frequent)
    same = np.flatnonzero(same_story(whole, own, numbers, thresholds))
    return told[same], whole.take(same)


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
    later = np.flatnonzero(ranks)
    pairs = [later[:0]]
    for distance in range(1, min(int(sizes.max()), _NEIGHBOURS + 1)):
        later = later[ranks[later] >= distance]
        pairs.append((rows[later] << 32) | rows[later - distance])
    for rank in range(min(int(sizes.max()) - 1, _NEIGHBOURS)):
        later = later[ranks[later] > rank + _NEIGHBOURS]
        pairs.append((rows[later] << 32) | rows[firsts[later] + rank])
    joined, shared = np.unique(np.concatenate(pairs), return_counts=True)
    return joined >> 32, joined & 0xFFFFFFFF, shared
