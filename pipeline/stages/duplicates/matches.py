"""The earlier articles that tell the story of an article of a batch: in the index, and in the batch itself."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from pipeline.stages.duplicates.generation import KEYS
from pipeline.stages.duplicates.index import GENERATIONS_IN_WINDOW, Index, Places, Rows
from pipeline.stages.duplicates.leads import compare_leads
from pipeline.stages.duplicates.series import Forms, next_issue, other_subject
from pipeline.stages.duplicates.similarity import (
    Numbers,
    Overlap,
    compare,
    compare_numbers,
    compare_own,
    figures_per_word,
)
from pipeline.stages.duplicates.sketch import ABSENT, NO_SOURCE, Sketches
from pipeline.stages.duplicates.tokens import U32, U64, Flags, Ints
from pipeline.stages.duplicates.verdicts import (
    LEAST_CONTAINMENT,
    Thresholds,
    contradict,
    excused,
    may_be_excused,
    same_story,
    tells_on,
)

_KEYS_SHARED = 2
"""Keys that two sketches must share to be compared, if they have as many."""
_EXCERPT = 2
"""Of texts whose lengths differ by this factor one key is enough: an excerpt has but few of the longer text's."""
_NEIGHBOURS = 16
"""Articles of one batch that share a key are each compared with so many before them and so many of the first."""
_CROWD = 3
"""Others of the batch that an article resembles, from which on it is counted, one after the other, what they share."""


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
        suspect: whether the same source has it under a headline without a common word.
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
    suspect: bool = False


class Asked(NamedTuple):
    """What is looked up of a batch.

    Attributes:
        sketches: of the texts.
        times: effective times in microseconds.
    """

    sketches: Sketches
    times: Ints


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


class NearMatches:
    """The indexed articles, and those earlier in the batch, that tell the story of an article of the batch.

    Where many of a batch share something, as the pages of an outlet share its footer, what they share changes with each
    of them from a story into boilerplate: these rows form a crowd, and their matches are found when they are asked for.

    Args:
        asked: the batch.
        window: the largest distance in time, microseconds.
        index: the articles before the batch.
        thresholds: of the decision.

    Attributes:
        crowd: the rows of a crowd.
    """

    def __init__(self, asked: Asked, window: int, index: Index, thresholds: Thresholds) -> None:
        compared, crowd = _compared(asked, window, index, thresholds)
        self.crowd = frozenset(np.flatnonzero(crowd).tolist())
        self._compared, self._thresholds, self._frequencies = compared, thresholds, index.frequencies
        waiting = crowd[compared.pairs.rows]
        settled = np.flatnonzero(~waiting)
        found = np.concatenate((settled[self._same(settled)], np.flatnonzero(waiting)))
        found.sort()
        self._by_row: dict[int, list[tuple[int, Match]]] = {}
        matches = _matches(compared.take(found), asked.times, index)
        for row, pair, match in zip(
            compared.pairs.rows[found].tolist(), found.tolist(), matches, strict=True
        ):
            self._by_row.setdefault(row, []).append((pair, match))

    def __contains__(self, row: int) -> bool:
        return row in self._by_row

    def of(self, row: int) -> list[Match]:
        """The matches of a row that has some, by what is counted now."""
        found = self._by_row[row]
        if row in self.crowd:
            same = self._same(np.array([pair for pair, _ in found], np.int64))
            found = [each for each, kept in zip(found, same.tolist(), strict=True) if kept]
        return [match for _, match in found]

    def _same(self, pairs: Ints) -> Flags:
        """Which of these tell the same story."""
        everything = self._compared
        chosen = everything if len(pairs) == len(everything.suspect) else everything.take(pairs)
        thresholds = self._thresholds
        frequent = np.where(chosen.suspect, thresholds.frequent_in_source, thresholds.frequent)
        own = compare_own(chosen.newer, chosen.earlier, self._frequencies, frequent)
        return same_story(chosen.whole, own, chosen.numbers, thresholds)


class _Compared(NamedTuple):
    """Pairs that may tell the same story, if what they share is their own.

    Attributes:
        pairs: which.
        newer: the sketches of the asking articles.
        earlier: of the others.
        whole: overlap of the texts.
        numbers: agreement in numbers.
        moved_on: whether the newer one tells what has changed since.
        suspect: whether both are of one source, under headlines without a common word: so boilerplate would look.
    """

    pairs: _Pairs
    newer: Sketches
    earlier: Sketches
    whole: Overlap
    numbers: Numbers
    moved_on: Flags
    suspect: Flags

    def take(self, chosen: Ints) -> _Compared:
        """Some of the pairs, ascending."""
        pairs, newer, earlier, whole, numbers, moved_on, suspect = self
        return _Compared(
            pairs.take(chosen),
            newer.take(chosen),
            earlier.take(chosen),
            whole.take(chosen),
            numbers.take(chosen),
            moved_on[chosen],
            suspect[chosen],
        )


def _compared(asked: Asked, window: int, index: Index, thresholds: Thresholds) -> tuple[_Compared, Flags]:
    """The pairs that neither numbers nor subjects nor time tell apart; and which rows are of a crowd."""
    sketches = asked.sketches
    pairs = _candidates(asked, window, index)
    theirs = np.concatenate((index.numbers_of(pairs.places), sketches.numbers[pairs.partners]))
    numbers = compare_numbers(sketches.numbers[pairs.rows], theirs)
    differing = contradict(numbers, thresholds)
    figures = np.maximum(
        figures_per_word(sketches.numbers[pairs.rows], sketches.sizes[pairs.rows]),
        figures_per_word(theirs, pairs.sizes),
    )
    likely = np.flatnonzero(~differing | may_be_excused(numbers, figures, sketches.takes[pairs.rows] > 0))
    pairs = pairs.take(likely)
    newer = sketches.take(pairs.rows)
    earlier = Sketches.joined([index.sketches_of(pairs.places), sketches.take(pairs.partners)])
    whole = compare(newer, earlier)
    told = np.flatnonzero(whole.containment >= LEAST_CONTAINMENT)
    at = likely[told]
    pairs, newer, earlier, whole = pairs.take(told), newer.take(told), earlier.take(told), whole.take(told)
    numbers, differing = numbers.take(at), differing[at]
    leads = compare_leads(newer.leads, earlier.leads)
    takes = newer.takes > 0
    apart = np.abs(asked.times[pairs.rows] - _times_of(pairs, asked.times, index))
    forms = Forms(whole, numbers, newer.sizes, earlier.sizes, figures[at], leads, apart)
    kept = np.flatnonzero(
        ~other_subject(forms)
        & (takes | ~next_issue(forms, window // GENERATIONS_IN_WINDOW))
        & (~differing | excused(whole, takes))
    )
    moved_on = differing | tells_on(newer.takes, earlier.takes, whole)
    suspect = (newer.sources == earlier.sources) & (newer.sources != NO_SOURCE) & leads.disjoint
    compared = _Compared(pairs, newer, earlier, whole, numbers, moved_on, suspect)
    return compared.take(kept), _crowd(pairs, len(sketches.sizes))


def _times_of(pairs: _Pairs, times: Ints, index: Index) -> Ints:
    return np.concatenate((index.times_and_births_of(pairs.places)[0], times[pairs.partners]))


def _matches(compared: _Compared, times: Ints, index: Index) -> list[Match]:
    places, partners = compared.pairs.places, compared.pairs.partners
    their_times, births = index.times_and_births_of(places)
    indexed, in_batch = len(places), len(partners)
    whole = compared.whole
    columns = (
        places.tolist() + [None] * in_batch,
        [None] * indexed + partners.tolist(),
        index.names_of(places) + [None] * in_batch,
        their_times.tolist() + times[partners].tolist(),
        births.tolist() + [0] * in_batch,
        whole.jaccard.tolist(),
        whole.containment.tolist(),
        whole.novelty.tolist(),
        compared.moved_on.tolist(),
        compared.suspect.tolist(),
    )
    return list(map(Match, *columns))


def _candidates(asked: Asked, window: int, index: Index) -> _Pairs:
    """The pairs inside the window that share enough keys to be compared."""
    sketches, times = asked
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


def _crowd(pairs: _Pairs, size: int) -> Flags:
    """Which rows of a batch of this size resemble many others of it."""
    in_batch = pairs.rows[len(pairs.places) :]
    crowd: Flags = np.bincount(np.concatenate((in_batch, pairs.partners)), minlength=size) >= _CROWD
    return crowd


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
