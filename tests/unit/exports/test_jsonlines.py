"""JSON lines: records as they are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.record import EnrichedArticle
from pipeline.record.codec import decode_record
from tests.support.records import records
from tests.unit.exports.written import written


@given(st.lists(records(), max_size=3))
def test_any_records_come_back_whole_a_line_each(some: list[EnrichedArticle]) -> None:
    data, count = written("jsonl", some)
    lines = data.splitlines(keepends=True) if data else []
    assert count == len(some) == data.count(b"\n") == len(lines)
    assert [decode_record(line) for line in lines] == some
