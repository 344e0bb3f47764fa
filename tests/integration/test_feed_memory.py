"""What is remembered of feeds, in both databases."""

from __future__ import annotations

from sqlalchemy import Engine

from pipeline.stores.sql.store import SqlStore


def test_items_and_states_are_remembered_by_feed(engine: Engine) -> None:
    memory = SqlStore(engine).feeds
    assert memory.state("a") == {}
    assert memory.unseen("a", ["1", "2"]) == {"1", "2"}
    memory.note("a", ["1"], {"validators": {"If-None-Match": '"x"'}, "fault": None})
    memory.note("a", ["1", "2"], {"failures": 2})
    again = SqlStore(engine).feeds
    assert again.state("a") == {"failures": 2}
    assert again.unseen("a", ["1", "2", "3"]) == {"3"}
    assert again.unseen("b", ["1"]) == {"1"}


def test_more_items_than_a_statement_takes_are_looked_up(engine: Engine) -> None:
    memory = SqlStore(engine).feeds
    keys = [f"{number:05}" for number in range(20_000)]
    memory.note("a", keys[:10_000], {})
    assert memory.unseen("a", keys) == set(keys[10_000:])
