"""The articles that later ones are compared with: generations by effective time, evicted whole."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple, NewType

import numpy as np

from pipeline.stages.duplicates.frequencies import Frequencies
from pipeline.stages.duplicates.generation import Entries, Generation
from pipeline.stages.duplicates.sketch import U16, Sketches, rows_where
from pipeline.stages.duplicates.tokens import U32, U64, Ints

GENERATIONS_IN_WINDOW = 6
_SHORTEST_SPAN = 600_000_000
"""Ten minutes in microseconds: the generations of all years that a datetime knows can be numbered in 32 bits."""
_NUMBER_BITS = 32
_NUMBER_MASK = (1 << _NUMBER_BITS) - 1


GenerationNumber = NewType("GenerationNumber", int)
"""Which stretch of time a generation holds: effective times, divided by the span."""
Places = NewType("Places", Ints)
"""Where articles are: a generation's number and the article's number there, as one integer each."""
Rows = NewType("Rows", Ints)
"""Which of the articles that are looked up now."""


class Found(NamedTuple):
    """Pairs of an asking row and a place in the index."""

    rows: Rows
    places: Places


class Alike(NamedTuple):
    """Pairs of an asking row and a place, with the keys that they share and the size of what is at the place."""

    rows: Rows
    places: Places
    shared: Ints
    sizes: Ints


_NO_PAIRS = (np.zeros(0, np.int64),) * 4


class Index:
    """Finds the articles inside the time window that equal or resemble given ones.

    Args:
        window: the largest distance of two effective times, microseconds.
        idle: a generation that has left the window of the newest article stays until this many more articles
            came without one in its reach, so that an archive can be replayed while news comes in.

    Attributes:
        frequencies: in how many of the stories in the index each shingle occurs.
    """

    def __init__(self, window: int, idle: int) -> None:
        self._window = window
        self._span = max(_SHORTEST_SPAN, window // GENERATIONS_IN_WINDOW)
        self._idle = idle
        self._generations: dict[GenerationNumber, Generation] = {}
        self._touched: dict[GenerationNumber, int] = {}
        self._seen = 0
        self._newest = -(1 << 63)
        self.frequencies = Frequencies()

    def __len__(self) -> int:
        return sum(map(len, self._generations.values()))

    @property
    def nbytes(self) -> int:
        """Bytes in use."""
        return self.frequencies.nbytes + sum(each.nbytes for each in self._generations.values())

    def same_content(self, contents: U64, times: Ints) -> Found:
        """Articles inside the window with equal content hashes."""
        rows, places = [], []
        for number, generation, askers in self._in_reach(times):
            asked, found = generation.by_content(contents[askers])
            inside = np.abs(generation.times_of(found) - times[askers[asked]]) <= self._window
            rows.append(askers[asked[inside]])
            places.append((number << _NUMBER_BITS) | found[inside])
        return Found(Rows(_joined(rows)), Places(_joined(places)))

    def alike(self, hashes: U32, times: Ints) -> Alike:
        """Articles inside the window that share keys with sketches."""
        pairs: list[tuple[Ints, ...]] = []
        for number, generation, askers in self._in_reach(times):
            asked, found, shared, sizes = generation.by_keys(hashes[askers])
            rows = askers[asked]
            inside = np.abs(generation.times_of(found) - times[rows]) <= self._window
            places = (number << _NUMBER_BITS) | found
            pairs.append((rows[inside], places[inside], shared[inside], sizes[inside]))
        rows, places, shared, sizes = map(np.concatenate, zip(*pairs, strict=True)) if pairs else _NO_PAIRS
        return Alike(Rows(rows), Places(places), shared, sizes)

    def sketches_of(self, places: Places) -> Sketches:
        """The sketches of articles found to be alike."""
        return Sketches.joined(
            [generation.sketches_of(places[at] & _NUMBER_MASK) for generation, at in self._in_runs(places)]
        )

    def numbers_of(self, places: Places) -> U16:
        """Their hashed numbers alone, which tell most articles apart."""
        found = [generation.numbers_of(places[at] & _NUMBER_MASK) for generation, at in self._in_runs(places)]
        return np.concatenate(found) if found else Sketches.blank(0).numbers

    def times_and_births_of(self, places: Places) -> tuple[Ints, Ints]:
        """Effective times, and when the clusters were founded."""
        times, births = np.zeros(len(places), np.int64), np.zeros(len(places), np.int64)
        for generation, at in self._in_runs(places):
            numbers = places[at] & _NUMBER_MASK
            times[at], births[at] = generation.times_of(numbers), generation.births_of(numbers)
        return times, births

    def names_of(self, places: Places) -> list[tuple[str, str]]:
        """Articles' ids, each with that of the cluster it was put in."""
        names: list[tuple[str, str]] = []
        for generation, at in self._in_runs(places):
            names += generation.names_of(places[at] & _NUMBER_MASK)
        return names

    def add(self, entries: Entries) -> None:
        """Append articles in the order of arrival, then evict what is out of reach."""
        if not len(entries.times):
            return
        generations = entries.times // self._span
        for number in map(GenerationNumber, sorted(set(generations.tolist()))):
            rows = rows_where(generations == number)
            if number not in self._generations:
                self._generations[number] = Generation(self.frequencies)
            self._generations[number].add(entries.take(rows))
        self._evict(entries.times)

    def remove(self, article_id: str, content: int) -> None:
        """Let nothing find this version of the article any more."""
        wanted = np.array([content], np.uint64)
        for generation in self._generations.values():
            numbers = generation.by_content(wanted)[1]
            for number, (name, _) in zip(numbers.tolist(), generation.names_of(numbers), strict=True):
                if name == article_id:
                    generation.remove(number)

    def _evict(self, times: Ints) -> None:
        """Take note of when articles were published; drop the generations that none came near for long."""
        self._seen += len(times)
        self._newest = max(self._newest, int(times.max()))
        for number, _, _ in self._in_reach(times):
            self._touched[number] = self._seen
        horizon = (self._newest - self._window) // self._span
        for number in [number for number in self._generations if number < horizon]:
            if self._seen - self._touched[number] >= self._idle:
                self._generations.pop(number).close()
                del self._touched[number]

    def _in_reach(self, times: Ints) -> Iterator[tuple[GenerationNumber, Generation, Ints]]:
        """Each generation that may hold articles inside the window of some rows, with those rows."""
        for number, generation in self._generations.items():
            opens, closes = number * self._span, (number + 1) * self._span
            askers = np.flatnonzero((times + self._window >= opens) & (times - self._window < closes))
            if len(askers):
                yield number, generation, askers

    def _in_runs(self, places: Places) -> Iterator[tuple[Generation, slice]]:
        """Each generation with a run of places in it; what was found comes generation by generation."""
        generations = places >> _NUMBER_BITS
        inner = (np.flatnonzero(generations[1:] != generations[:-1]) + 1).tolist()
        if len(places):
            for low, high in pairwise([0, *inner, len(places)]):
                yield self._generations[GenerationNumber(int(generations[low]))], slice(low, high)


def _joined(parts: list[Ints]) -> Ints:
    return np.concatenate(parts) if parts else np.zeros(0, np.int64)
