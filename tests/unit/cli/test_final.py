"""Records that are printed at the end, with the ids that merged clusters have then."""

from __future__ import annotations

import pytest

from pipeline.cli.final import held_back
from pipeline.record import Duplicate, EnrichedArticle, Verdict
from pipeline.record.codec import decode_record, encode
from tests.unit.stores.builders import record


def _in_cluster(article_id: str, cluster_id: str) -> EnrichedArticle:
    verdict = Verdict.ORIGINAL if article_id == cluster_id else Verdict.NEAR
    return record(article_id, duplicate=Duplicate(verdict=verdict, cluster_id=cluster_id))


def test_records_come_in_order_with_final_ids() -> None:
    lines: list[bytes] = []
    records = [_in_cluster("a", "a"), _in_cluster("b", "b"), _in_cluster("c", "b")]
    with held_back(lines.append, lambda cluster_id: {"b": "a"}.get(cluster_id, cluster_id)) as hold:
        for one in records:
            hold(one)
        assert lines == []
    assert lines[0] == encode(records[0])
    assert [decode_record(line).duplicate.cluster_id for line in lines] == ["a", "a", "a"]
    assert [decode_record(line).article for line in lines] == [one.article for one in records]


def test_after_an_interrupt_what_was_read_is_printed() -> None:
    lines: list[bytes] = []

    def interrupted() -> None:
        with held_back(lines.append, str) as hold:
            hold(_in_cluster("a", "a"))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert len(lines) == 1
