"""The tables, as docs/export.md describes them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline.exports.tables import TABLES

_PAGE = (Path(__file__).parents[3] / "docs" / "export.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("of", TABLES)
def test_the_page_names_the_columns_in_their_order(of: str) -> None:
    (first,) = re.findall(
        r"^Each begins with the article: (.*?)\. Behind that:", _PAGE, re.MULTILINE | re.DOTALL
    )
    (behind,) = re.findall(rf"^\| `{of}` \|[^|]*\| (.*) \|$", _PAGE, re.MULTILINE)
    named = [*re.findall(r"`(\w+)`", first), *re.findall(r"`(\w+)`", behind)]
    assert named == [column.name for column in TABLES[of].columns]


@pytest.mark.parametrize("of", TABLES)
def test_no_two_columns_of_a_table_have_one_name(of: str) -> None:
    names = [column.name for column in TABLES[of].columns]
    assert len(set(names)) == len(names)
