from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pipeline.execution.portions import portions

_SIZES = st.lists(st.integers(0, 50))


@given(sizes=_SIZES, count=st.integers(1, 9), limit=st.integers(1, 60))
def test_nothing_is_lost_or_moved_and_both_bounds_are_kept(sizes: list[int], count: int, limit: int) -> None:
    found = list(portions(sizes, int, count=count, limit=limit))
    assert [size for portion in found for size in portion] == sizes
    assert all(1 <= len(portion) <= count for portion in found)
    assert all(sum(portion) <= limit or len(portion) == 1 for portion in found)


@given(sizes=_SIZES, count=st.integers(1, 9), limit=st.integers(1, 60))
def test_no_portion_ends_while_there_is_room(sizes: list[int], count: int, limit: int) -> None:
    found = list(portions(sizes, int, count=count, limit=limit))
    for portion, following in pairwise(found):
        assert len(portion) == count or sum(portion) + following[0] > limit
