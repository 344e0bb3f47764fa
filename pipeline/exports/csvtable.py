"""CSV: a table with a head, for spreadsheets and for programs, which no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from pipeline.exports.form import ARTICLES, NAMES, STATEMENTS, Asked, Form, Out, write_each
from pipeline.exports.tables import TABLES
from pipeline.record import EnrichedArticle

_FORMULA = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "＝",
    "＋",
    "－",
    "＠",
)  # what a spreadsheet would reckon with
_BETWEEN = "; "


class _Line:
    """Gives back what is written, for the writer to give it on."""

    def write(self, line: str) -> str:
        return line


def csv_lines(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The lines of a table, its head first, each with its end.

    Times are ISO 8601 in UTC with a closing Z, lists have `; ` between their items, what is missing is empty. A text
    that a spreadsheet would take for a formula begins with an apostrophe.
    """
    writer = csv.writer(_Line())
    yield writer.writerow(columns)
    for row in rows:
        yield writer.writerow([_cell(value) for value in row])


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case str():
            return _no_formula(value)
        case list() | tuple():
            return _no_formula(_BETWEEN.join(value))
        case _:
            return str(value)


def _no_formula(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _write(records: Iterable[EnrichedArticle], out: Out, asked: Asked) -> int:
    table = TABLES[asked.of]
    lines = csv_lines([column.name for column in table.columns], table.rows(records, asked))
    return write_each((line.encode() for line in lines), out) - 1  # without the head


CSV = Form("csv", ".csv", "text/csv; charset=utf-8", (ARTICLES, STATEMENTS, NAMES), _write)
