"""docs/store.md: its SQL answers on both databases, and its tables are those that there are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import Engine

from pipeline.stores.sql.database import reading
from pipeline.stores.sql.schema import metadata
from pipeline.stores.sql.store import SqlStore
from tests.unit.stores.builders import full_record

_TEXT = (Path(__file__).parents[2] / "docs" / "store.md").read_text(encoding="utf-8")
_STATEMENTS = [
    statement.strip()
    for block in re.findall(r"```sql\n(.*?)```", _TEXT, re.DOTALL)
    for statement in block.split(";")
    if statement.strip()
]
_ONLY_ON = {"MATCH": "sqlite", "phraseto_tsquery": "postgresql"}


@pytest.mark.parametrize("statement", _STATEMENTS)
def test_each_example_finds_something(engine: Engine, statement: str) -> None:
    SqlStore(engine).write([full_record()])
    databases = {database for sign, database in _ONLY_ON.items() if sign in statement}
    if databases and engine.dialect.name not in databases:
        pytest.skip("the example is for the other database")
    with reading(engine) as connection:
        assert connection.exec_driver_sql(statement).all()


def test_the_table_of_tables_lists_every_column_and_marks_the_keys() -> None:
    described = {}
    for line in re.findall(r"^\| `\w+` \|.*$", _TEXT, re.MULTILINE):
        name, _, columns = line.strip("| ").split("|")
        found = re.findall(r"(\*\*)?`(\w+)`", columns)
        described[name.strip(" `")] = [(column, bool(bold)) for bold, column in found]
    assert described == {
        table.name: [(column.name, column.primary_key) for column in table.columns]
        for table in metadata.tables.values()
    }
