from __future__ import annotations

from collections import defaultdict

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.stages.duplicates.chains import Chains
from pipeline.stages.duplicates.column import Column
from pipeline.stages.duplicates.frequencies import STORY, VERSION, Frequencies
from pipeline.stages.duplicates.records import Records, pack, unpack
from pipeline.stages.duplicates.similarity import compare, compare_own
from pipeline.stages.duplicates.sketch import Sketches, sketch
from tests.unit.duplicates.newsroom import edited, prose, words

hashes = st.lists(st.integers(0, 40), min_size=1, max_size=60)


@given(st.lists(hashes, max_size=6))
def test_chains_find_all_entries_of_a_hash_newest_first(batches: list[list[int]]) -> None:
    stored: list[int] = []
    chains = Chains(254, lambda total: (np.arange(total), np.array(stored[:total], np.uint64)))
    expected: dict[int, list[int]] = defaultdict(list)
    for batch in batches:
        first = len(stored)
        stored += batch
        for entry, value in enumerate(batch, first):
            expected[value].insert(0, entry)
        chains.extend(np.arange(first, len(stored)), np.array(batch, np.uint64), len(stored))
    for value in range(41):
        _, entries = chains.find(np.array([value], np.uint64))
        assert [entry for entry in entries.tolist() if stored[entry] == value] == expected[value]


def test_chains_grow_and_still_find_everything() -> None:
    count = 50_000
    values = np.arange(count, dtype=np.uint64) * np.uint64(7919)
    chains = Chains(32, lambda total: (np.arange(total), values[:total]))
    for first in range(0, count, 5000):
        chains.extend(np.arange(first, first + 5000), values[first : first + 5000], first + 5000)
    positions, entries = chains.find(values)
    assert np.isin(np.arange(count), entries[values[entries] == values[positions]]).all()


def test_a_bucket_with_more_entries_than_the_limit_finds_nothing() -> None:
    values = np.full(40, 5, np.uint64)
    chains = Chains(32, lambda total: (np.arange(total), values[:total]))
    chains.extend(np.arange(32), values[:32], 32)
    assert len(chains.find(values[:1])[1]) == 32
    chains.extend(np.arange(32, 40), values[32:], 40)
    assert len(chains.find(values[:1])[1]) == 0


def test_a_column_keeps_its_rows_when_it_grows() -> None:
    column = Column[np.uint32](np.uint32, 3)
    column.rows[:256] = np.arange(768).reshape(256, 3)
    column.reserve(100_000)
    assert len(column.rows) >= 100_000
    assert (column.rows[:256] == np.arange(768).reshape(256, 3)).all()
    assert not column.rows[256:].any()


@given(
    st.lists(
        st.tuples(
            st.integers(0, 2), st.integers(-(1 << 62), 1 << 62), st.integers(0, 1 << 62), st.booleans()
        ),
        min_size=1,
        max_size=5,
    )
)
def test_records_are_read_back_as_they_were_written(rows: list[tuple[int, int, int, bool]]) -> None:
    sketches, _ = sketch(
        [prose(words(at, 150)) if full else "Short 17" for at, (*_, full) in enumerate(rows)]
    )
    indexing, times, births, _ = zip(*rows, strict=True)
    records = Records(
        np.array(indexing, np.uint8),
        np.array(times, np.int64),
        np.array(births, np.int64),
        np.arange(len(rows), dtype=np.uint64),
        np.arange(len(rows), dtype=np.uint64) * np.uint64(3),
        np.arange(len(rows), dtype=np.uint8),
        sketches,
    )
    again = unpack(pack(records))
    for mine, theirs in zip(records[:-1], again[:-1], strict=True):
        assert np.array_equal(np.asarray(mine), np.asarray(theirs))
    for mine, theirs in zip(records.sketches, again.sketches, strict=True):
        assert np.array_equal(np.asarray(mine), np.asarray(theirs))


def test_a_row_in_a_format_of_another_version_is_found_by_nothing() -> None:
    (blob,) = pack(_one_record())
    records = unpack([b"\x63" + blob[1:], b"", blob])
    assert records.indexing.tolist() == [0, 0, 2]


def _one_record() -> Records:
    number = np.ones(1, np.int64)
    return Records(
        np.array([2], np.uint8),
        number,
        number,
        np.ones(1, np.uint64),
        np.zeros(1, np.uint64),
        np.ones(1, np.uint8),
        Sketches.blank(1),
    )


@settings(max_examples=30)
@given(st.integers(0, 1000), st.sampled_from([0.02, 0.1, 0.2, 0.3]))
def test_estimates_are_close_to_the_true_figures(story: int, share: float) -> None:
    left, right = words(story, 400), edited(words(story, 400), share, story)
    (left_set, right_set) = ({tuple(text[at : at + 3]) for at in range(398)} for text in (left, right))
    sketches, _ = sketch([prose(left), prose(right)])
    overlap = compare(sketches.take(np.array([1])), sketches.take(np.array([0])))
    shared = len(left_set & right_set)
    assert abs(overlap.jaccard[0] - shared / len(left_set | right_set)) < 0.18
    assert abs(overlap.containment[0] - shared / min(len(left_set), len(right_set))) < 0.18
    assert abs(overlap.novelty[0] - (1 - shared / len(right_set))) < 0.18


def test_what_many_stories_share_is_not_their_own() -> None:
    footer = words(50, 60)
    sketches, _ = sketch([prose(words(story, 60) + footer) for story in range(8)])
    frequencies = Frequencies()
    newer, earlier = sketches.take(np.array([6])), sketches.take(np.array([7]))
    before = compare_own(newer, earlier, frequencies, np.array([4]))
    frequencies.add(sketches.hashes[:6], STORY)
    after = compare_own(newer, earlier, frequencies, np.array([4]))
    assert before.containment[0] > 0.4
    assert after.containment[0] < 0.1
    frequencies.remove(sketches.hashes[:6], STORY)
    frequencies.add(sketches.hashes[:6], VERSION)
    assert compare_own(newer, earlier, frequencies, np.array([4])).containment[0] == before.containment[0]
