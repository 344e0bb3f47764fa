"""`pipeline alerts`: what answered the standing questions."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.padding import Padding

from pipeline.cli.output import AsJson, plain, print_json, print_table, stdout, warn, write_line
from pipeline.errors import TransientError
from pipeline.execution.signals import on_stop
from pipeline.record import Alert, Polarity
from pipeline.settings import Settings
from pipeline.stores.base import configured_store, standing_of
from pipeline.stores.following import Following

_LOOK_SECONDS = 1.0


def alerts(
    *,
    question: Annotated[str | None, typer.Option(metavar="ID", help="Only of this question.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 20,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on with what comes, until Ctrl-C or SIGTERM.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List what answered the standing questions, the latest first; with --follow, the latest last.

    With --follow and --json each alert is a line of its own.
    """
    with closing(configured_store(Settings.load(), read_only=True)) as store:
        kept = standing_of(store).alerts
        begin = Following(kept, question=question, now=datetime.now(UTC)) if follow else None
        found = kept.page(question=question, limit=limit).found
        if begin is not None:
            _follow(begin, found[::-1], as_json=as_json)
        elif as_json:
            print_json([alert.model_dump(mode="json") for alert in found])
        else:
            print_table(_COLUMNS, map(_row, found), title=None if found else "no question was answered")


_COLUMNS = ("at", "question", "headline", "why", "source", "article")


def _row(alert: Alert) -> Sequence[object]:
    return (
        f"{alert.at:%Y-%m-%d %H:%M}",
        alert.title,
        alert.headline,
        _cut(next(_why(alert), "")),
        alert.source,
        alert.article_id,
    )


def _why(alert: Alert) -> Iterator[str]:
    """What fits, in words: statements with their speakers, else names and the passage."""
    for said in alert.statements:
        manner = "" if said.polarity is Polarity.ASSERTED else f" ({said.polarity})"
        yield f"{said.speaker or 'somebody'}{manner}: {said.text}"
    if not alert.statements:
        if alert.names:
            yield ", ".join(alert.names)
        if alert.passage:
            yield alert.passage


def _follow(following: Following, first: Sequence[Alert], *, as_json: bool) -> None:
    stop = threading.Event()
    on_stop(stop.set)
    if not (as_json or stdout.is_terminal):
        write_line("\t".join(_COLUMNS).encode())
    new = first
    while True:
        for alert in new:
            _tell(alert, as_json=as_json)
        if stop.wait(_LOOK_SECONDS):
            return
        try:
            new = following.new()
        except TransientError as error:
            warn(f"{error}; asked again")
            new = ()


def _tell(alert: Alert, *, as_json: bool) -> None:
    if as_json:
        print_json(alert.model_dump(mode="json"))
    elif stdout.is_terminal:
        stdout.print(plain(f"{alert.at:%Y-%m-%d %H:%M:%S} {alert.title}", style="bold"))
        for line in (f"{alert.headline or '-'} ({alert.source})", *_why(alert), alert.article_id):
            stdout.print(Padding(plain(line), (0, 0, 0, 2)))
    else:
        write_line("\t".join(plain("" if cell is None else cell).plain for cell in _row(alert)).encode())


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST].rpartition(' ')[0]} …"


_LONGEST = 160  # characters of a reason in a table
