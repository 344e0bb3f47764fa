"""How the commands speak: data on stdout, everything else on stderr, no control characters from anybody's text."""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console, RenderableType
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Column
from rich.text import Text

from pipeline.cli.tables import drawn

EXIT_PROBLEMS = 1
EXIT_USAGE = 2
EXIT_UNAVAILABLE = 3
EXIT_INTERRUPTED = 130

_UNFOLDED = 4096

# What is piped into another program is not folded to a terminal's width.
stdout = Console(highlight=False, width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else _UNFOLDED)
stderr = Console(stderr=True, highlight=False)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on stdout instead of a table.")]

_KEPT = "\n\t\u200c\u200d"  # joiners belong to the spelling of Persian, of Indic scripts, and to emoji


def clean(text: object) -> str:
    """The text without control characters (a terminal would obey them), bidirectional overrides included."""
    return "".join(
        char if char in _KEPT or not unicodedata.category(char).startswith("C") else "�" for char in str(text)
    )


def plain(text: object, style: str = "") -> Text:
    """Anybody's text for Rich: cleaned, on one line, and never read as markup."""
    return Text(" ".join(clean(text).split()), style=style)


def print_json(value: Any) -> None:
    """One JSON value on one line of stdout."""
    write_line(orjson.dumps(value, default=str))


def write_line(data: bytes) -> None:
    """One line of bytes on stdout, at once."""
    sys.stdout.buffer.write(data + b"\n")
    sys.stdout.buffer.flush()


def table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str | None = None
) -> RenderableType:
    """A table as standard output takes it. Columns whose name ends in `#` are numbers, aligned right."""
    cells = (
        [cell if isinstance(cell, Text) else plain("" if cell is None else cell) for cell in row]
        for row in rows
    )
    return drawn(columns, cells, title=title, console=stdout)


def print_table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str | None = None
) -> None:
    """A table on stdout; see `table`."""
    stdout.print(table(columns, rows, title=title))


def say(message: str) -> None:
    """A line for the user on stderr."""
    stderr.print(plain(message), soft_wrap=True)


def warn(message: str) -> None:
    """A warning on stderr."""
    stderr.print(Text("warning: ", style="yellow") + plain(message), soft_wrap=True)


def fail(message: str) -> None:
    """An error on stderr: one line."""
    stderr.print(Text("error: ", style="bold red") + plain(message), soft_wrap=True)


def progress(*columns: ProgressColumn) -> Progress:
    """A progress bar on stderr, with further columns; draws nothing where stderr is not a terminal."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=None, table_column=Column(ratio=1)),  # what the others leave of the line
        TaskProgressColumn(),
        *columns,
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=stderr,
        transient=True,
        expand=True,
        disable=not stderr.is_terminal,
    )
