"""Columns and fields: what has no column is kept beside them, and what can't be kept is no start."""

from __future__ import annotations

from enum import StrEnum
from types import SimpleNamespace

import pytest
from pydantic import BaseModel, ConfigDict, JsonValue
from sqlalchemy import Column, MetaData, Table, Text

from pipeline.errors import PermanentError, Reason, SettingsError
from pipeline.stores.sql.mapping import Columns, json_text

_TABLE = Table("berths", MetaData(), Column("ship_name", Text, nullable=False), Column("flag", Text))


class _Flag(StrEnum):
    RED = "red"


class _Ship(BaseModel):
    model_config = ConfigDict(extra="allow")

    name: str
    flag: _Flag = _Flag.RED
    cargo: dict[str, JsonValue] = {}
    owner: str | None = None


_COLUMNS = {"name": "ship_name", "flag": "flag"}


def _row(columns: Columns[_Ship], ship: _Ship) -> dict[str, object]:
    return dict(zip(columns.names, columns.values(ship), strict=True))


def test_the_columns_are_written_and_read_by_one_table() -> None:
    columns = Columns(_Ship, _TABLE, _COLUMNS)
    row = _row(columns, _Ship(name="Marigold"))
    assert row == {"ship_name": "Marigold", "flag": "red"}
    assert type(row["flag"]) is str
    assert columns.fields(row) == {"name": "Marigold", "flag": "red"}
    assert columns.blank == (None, None)


def test_a_field_without_a_column_and_one_that_nobody_knows_are_kept_alike() -> None:
    columns = Columns(_Ship, _TABLE, _COLUMNS)
    ship = _Ship.model_validate({"name": "Marigold", "cargo": {"hay": [1, None]}, "draught": {"fore": 2.5}})
    rest = columns.rest(ship)
    assert rest == {"cargo": {"hay": [1, None]}, "owner": None, "draught": {"fore": 2.5}}
    assert _Ship.model_validate({**columns.fields(_row(columns, ship)), **rest}) == ship


def test_what_is_a_part_with_a_table_of_its_own_is_not_kept_twice() -> None:
    columns = Columns(_Ship, _TABLE, _COLUMNS, parts=("cargo", "owner"))
    assert columns.rest(_Ship(name="Marigold", cargo={"hay": 1})) == {}


class _Sealed(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)

    name: str | None = None
    hold: SimpleNamespace | None = None


@pytest.mark.parametrize(
    ("columns", "parts", "problem"),
    [
        (
            {"tonnage": "flag", "name": "flag"},
            ("name", "hold"),
            "Sealed.tonnage: the record has no such field",
        ),
        ({"name": "title", "hold": "flag"}, ("hold",), "Sealed.name: the table berths has no column title"),
        (
            {"name": "ship_name", "hold": "flag"},
            ("hold",),
            "Sealed.name: it may be null, and the column .* may not",
        ),
        ({"name": "flag"}, (), "Sealed.hold: it has no column, and is no JSON"),
    ],
)
def test_a_field_that_can_not_be_kept_is_one_line_before_anything_is_written(
    columns: dict[str, str], parts: tuple[str, ...], problem: str
) -> None:
    with pytest.raises(SettingsError, match=problem) as raised:
        Columns(_Sealed, _TABLE, columns, parts=parts)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**5000], ids=["nan", "infinity", "endless"])
def test_what_is_no_json_is_the_message_s_fault(value: float) -> None:
    with pytest.raises(PermanentError) as raised:
        json_text({"draught": value})
    assert raised.value.reason is Reason.NOT_STORABLE
