"""Labels that anybody may fill stay few, and one value is always the same label."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.watch.labels import OTHER, FewLabels


@given(st.lists(st.text(max_size=100)), st.integers(0, 10))
def test_labels_are_few_and_a_value_keeps_its_own(values: list[str], most: int) -> None:
    label = FewLabels(most)
    told = [label(value) for value in values]
    assert len(set(told)) <= most + 1
    assert all(len(one) <= 80 for one in told)
    first = list(dict.fromkeys(values))[:most]
    assert told == [value[:80] if value in first else OTHER for value in values]
