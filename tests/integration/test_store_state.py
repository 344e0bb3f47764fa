"""The state of the duplicates stage: one contract for memory, SQLite and PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from pipeline.errors import TransientError
from pipeline.record import Duplicate, Verdict
from pipeline.stages.duplicates.state import MemoryStateStore, Merge, StateKey, StateRow, StateStore
from pipeline.stores.sql.database import writing
from pipeline.stores.sql.duplicate_state import DatabaseStateStore
from pipeline.stores.sql.schema import cluster_merges
from tests.unit.stores.builders import NOON

_HOUR = timedelta(hours=1)


def _row(article_id: str, content: int = 0, *, cluster: str = "c", hours: int = 0) -> StateRow:
    return StateRow(
        StateKey(article_id, content.to_bytes(16, "big")),
        Duplicate(
            verdict=Verdict.NEAR, cluster_id=cluster, duplicate_of="c", jaccard=0.1 + 0.2, containment=None
        ),
        NOON + hours * _HOUR,
        bytes(range(256)) * 2,
        "The Fen Courier",
        f"https://fen.example/{article_id}" if content % 2 else None,
    )


@pytest.fixture(params=["memory", "database"])
def state(request: pytest.FixtureRequest, engine: Engine) -> StateStore:
    return MemoryStateStore() if request.param == "memory" else DatabaseStateStore(engine)


def test_a_row_is_read_back_bit_for_bit(state: StateStore) -> None:
    row = _row("a")
    assert state.record([row], []) == {row.key: row}
    assert state.versions(["a"]) == {"a": [row]}


def test_the_first_verdict_of_a_key_stands(state: StateStore) -> None:
    first, second = _row("a", cluster="first"), _row("a", cluster="second")
    state.record([first], [])
    assert state.record([second, _row("b")], []) == {first.key: first, _row("b").key: _row("b")}
    assert state.versions(["a"]) == {"a": [first]}


def test_the_first_verdict_stands_within_a_batch_too(state: StateStore) -> None:
    first, second = _row("a", cluster="first"), _row("a", cluster="second")
    assert state.record([first, second], []) == {first.key: first}


def test_versions_come_in_the_order_of_writing_and_unknown_articles_not_at_all(state: StateStore) -> None:
    rows = [_row("a", 2), _row("b"), _row("a", 1), _row("a", 3)]
    state.record(rows[:2], [])
    state.record(rows[2:], [])
    assert state.versions(["a", "nothing"]) == {"a": [rows[0], rows[2], rows[3]]}


def test_more_articles_are_looked_up_than_fit_a_statement(state: StateStore) -> None:
    rows = [_row(f"a{number}") for number in range(1200)]
    assert len(state.record(rows, [])) == 1200
    assert len(state.versions(row.key.article_id for row in rows)) == 1200


def _remembered(state: StateStore, since: datetime, latest: int) -> list[tuple[str, str, bytes]]:
    return [row for part in state.remembered(since, latest) for row in zip(*part, strict=True)]


def test_the_index_is_rebuilt_from_the_first_row_of_the_window_in_the_order_of_writing(
    state: StateStore,
) -> None:
    rows = [_row("old", hours=0), _row("new", hours=5), _row("older", hours=-9), _row("newer", hours=9)]
    state.record(rows, [])
    expected = [(row.key.article_id, row.duplicate.cluster_id, row.sketch) for row in rows]
    assert _remembered(state, NOON + 3 * _HOUR, latest=0) == expected[1:]
    assert _remembered(state, NOON + 3 * _HOUR, latest=4) == expected


def test_there_is_nothing_to_rebuild_from_an_empty_state(state: StateStore) -> None:
    assert _remembered(state, NOON, latest=10) == []


def test_merges_are_kept_flat(state: StateStore) -> None:
    state.record([], [Merge("c", "b")])
    state.record([], [Merge("b", "a"), Merge("d", "a")])
    assert set(state.merges()) == {Merge("c", "a"), Merge("b", "a"), Merge("d", "a")}


def test_a_merge_delivered_again_changes_nothing(state: StateStore) -> None:
    for _ in range(2):
        state.record([_row("a")], [Merge("c", "b")])
    assert set(state.merges()) == {Merge("c", "b")}


_names = st.sampled_from("abcdef")


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(merges=st.lists(st.builds(Merge, _names, _names), max_size=8))
def test_whatever_is_merged_the_table_stays_flat_and_joins_the_same_stories(
    engine: Engine, merges: list[Merge]
) -> None:
    with writing(engine) as connection:
        connection.execute(cluster_merges.delete())
    store = DatabaseStateStore(engine)
    groups = {name: {name} for name in "abcdef"}
    for merge in merges:
        store.record([], [merge])
        united = groups[merge.loser] | groups[merge.winner]
        groups.update(dict.fromkeys(united, united))
    winners = dict(store.merges())
    assert not set(winners) & set(winners.values())
    for one, group in groups.items():
        for other in groups:
            together = winners.get(one, one) == winners.get(other, other)
            assert together == (other in group)


def test_two_workers_that_both_believe_they_own_the_partition_agree(engine: Engine) -> None:
    keys = [f"a{number}" for number in range(30)]

    def work(name: str) -> list[str]:
        order = keys if name == "one" else keys[::-1]
        return [_cluster_told(DatabaseStateStore(engine), key, name) for key in order]

    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(work, ["one", "other"])
    assert sorted(one) == sorted(other)
    merges = dict(DatabaseStateStore(engine).merges())
    assert not set(merges) & set(merges.values())


def _cluster_told(store: DatabaseStateStore, article_id: str, cluster: str) -> str:
    while True:
        try:
            [row] = store.record([_row(article_id, cluster=cluster)], [Merge(article_id, cluster)]).values()
        except TransientError:
            continue
        return f"{row.key.article_id} {row.duplicate.cluster_id}"
