"""Tables for whoever reads them: aligned on a terminal, a field a line on a narrow one, tabs in a pipe."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

_NARROW = 90  # columns of a terminal below which words would be broken


def drawn(
    columns: Sequence[str], rows: Iterable[Sequence[Text]], *, title: str | None, console: Console
) -> RenderableType:
    """A table as its reader's console shows it. Columns whose name ends in `#` are numbers, aligned right."""
    names = [column.rstrip("#").strip() for column in columns]
    numbers = [column.endswith("#") for column in columns]
    lines = [list(row) for row in rows]
    if console.width > _PIPED:
        return _Lines(_plain(names, lines, title))
    if console.width < _NARROW and _width(names, lines) > console.width:
        return Group(*_stacked(names, lines, title))
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for name, number in zip(names, numbers, strict=True):
        table.add_column(name, justify="right" if number else "left", overflow="fold")
    for line in lines:
        table.add_row(*line)
    return table


_PIPED = 1_000  # no terminal is as wide


class _Lines:
    """Lines as they are: in a text Rich would put blanks for tabs."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = list(lines)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        for line in self._lines:
            yield Segment(line)
            yield Segment.line()


def _plain(names: Sequence[str], lines: Sequence[Sequence[Text]], title: str | None) -> Iterator[str]:
    """Fields with tabs between them, for `cut`, `sort` and spreadsheets."""
    if title:
        yield title
    yield "\t".join(names)
    for line in lines:
        yield "\t".join(cell.plain.expandtabs(1) for cell in line)


def _stacked(
    names: Sequence[str], lines: Sequence[Sequence[Text]], title: str | None
) -> Iterator[RenderableType]:
    """A field a line, an empty line between the rows."""
    if title:
        yield Text(title)
    widest = max(map(len, names))
    for number, line in enumerate(lines):
        if number:
            yield Text("")
        row = Table.grid(padding=(0, 1, 0, 0))
        row.add_column(width=widest, style="dim", no_wrap=True)
        row.add_column(overflow="fold")
        for name, cell in zip(names, line, strict=True):
            if cell.plain:
                row.add_row(name, cell)
        yield row


def _width(names: Sequence[str], lines: Sequence[Sequence[Text]]) -> int:
    cells = [list(names), *([cell.plain for cell in line] for line in lines)]
    return sum(max(map(len, column)) + 1 for column in zip(*cells, strict=True))
