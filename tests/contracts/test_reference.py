"""The pages of the reference say what the code says."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

_DOCS = Path(__file__).parents[2] / "docs"
_PAGES = runpy.run_path(str(_DOCS / "reference.py"))["PAGES"]


@pytest.mark.parametrize("page", sorted(_PAGES))
def test_a_page_is_as_the_code_has_it(page: str) -> None:
    assert (_DOCS / page).read_text(encoding="utf-8") == _PAGES[page](), "make reference"
