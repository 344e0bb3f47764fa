"""Tables on a terminal, on a narrow one, and where they are piped."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pytest
from rich.console import Console
from rich.text import Text

from pipeline.cli.examples import EXAMPLES
from pipeline.cli.helptext import _TYPE, _plain
from pipeline.cli.main import _MODULES
from pipeline.cli.tables import drawn

_COLUMNS = ("speaker", "statement", "copies #")


def _shown(rows: Sequence[Sequence[str]], width: int, title: str | None = None) -> list[str]:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    cells = [[Text(cell) for cell in row] for row in rows]
    console.print(drawn(_COLUMNS, cells, title=title, console=console))
    return [line.rstrip(" ") for line in console.file.getvalue().splitlines()]  # type: ignore[attr-defined]


def test_what_is_piped_has_tabs_between_its_fields() -> None:
    long = "so many words " * 20
    assert _shown([("Ann Li", "yes\tand no", "12"), ("", long, "1")], 4096) == [
        "speaker\tstatement\tcopies",
        "Ann Li\tyes and no\t12",
        f"\t{long}\t1",
    ]


def test_on_a_narrow_terminal_each_field_has_a_line() -> None:
    assert _shown([("Ann Li", "the ferry is late, as it was before", "2"), ("", "no", "1")], 40, "found") == [
        "found",
        "speaker   Ann Li",
        "statement the ferry is late, as it was",
        "          before",
        "copies    2",
        "",
        "statement no",
        "copies    1",
    ]


def test_on_a_narrow_terminal_what_fits_stays_a_table() -> None:
    assert _shown([("Ann Li", "yes", "2")], 60)[0].split() == ["speaker", "statement", "copies"]


def test_on_a_wide_terminal_a_long_cell_is_folded() -> None:
    shown = _shown([("Ann Li", "word " * 40, "2")], 100)
    assert len(shown) > 2
    assert max(map(len, shown)) <= 100


def test_there_are_two_examples_of_every_command_and_each_names_it() -> None:
    assert EXAMPLES.keys() == _MODULES.keys()
    assert all(len(some) == 2 for some in EXAMPLES.values())
    assert all(f"pipeline {name}" in line for name, some in EXAMPLES.items() for line in some)


@pytest.mark.parametrize(
    ("line", "plain"),
    [
        ("  --rate <float range>   At most", "  --rate NUMBER          At most"),
        ("  --source <str>         Whose", "  --source TEXT          Whose"),
        ("  --article <list[str]>  By", "  --article TEXT         By"),
        ("  PATH... <list[str]>  Files", "  PATH...              Files"),
        ("  --since TIME           Only", "  --since TIME           Only"),
    ],
)
def test_help_says_what_a_value_is_and_stays_aligned(line: str, plain: str) -> None:
    assert _TYPE.sub(_plain, f"Options:\n{line}") == f"Options:\n{plain}"
