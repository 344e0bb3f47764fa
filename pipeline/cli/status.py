"""`pipeline status`: how far behind, what fails, what is stored, in one view."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import groupby
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.live import Live
from rich.text import Text

from pipeline.cli.output import (
    EXIT_PROBLEMS,
    EXIT_UNAVAILABLE,
    AsJson,
    fail,
    plain,
    print_json,
    stdout,
    table,
)
from pipeline.kafka.admin import PartitionLag
from pipeline.languages import installed, spoken
from pipeline.settings import Settings
from pipeline.stores.base import Counts
from pipeline.watch.status import BrokerStatus, Status, status_of


def status(
    *,
    watch: Annotated[
        float | None,
        typer.Option(
            min=0.5,
            metavar="SECONDS",
            help="Look again every so many seconds, until Ctrl-C: redrawn on a terminal, else a line each time.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show lag by stage and partition, dead letters and the store; exit 1 when topics or offsets are not right.

    Where the broker or the store can't be asked, that is said, the other one is shown, and the exit code is 3.
    """
    settings = Settings.load()
    if watch is not None:
        _watch(settings, watch, as_json=as_json)
        return
    found = status_of(settings)
    if as_json:
        print_json(found.as_dict())
    else:
        show(settings, found)
    for line in found.unseen if as_json else ():
        fail(line)
    if found.unseen:
        raise typer.Exit(EXIT_UNAVAILABLE)
    if found.problems:
        raise typer.Exit(EXIT_PROBLEMS)


def show(settings: Settings, found: Status) -> None:
    """The view as tables, and what can't be seen."""
    stdout.print(_drawn(settings, found))
    for line in found.unseen:
        fail(line)


def _watch(settings: Settings, seconds: float, *, as_json: bool) -> None:
    """Look again and again; Ctrl-C is how it is ended."""
    try:
        if as_json or not stdout.is_terminal:
            _each(seconds, lambda: _say(settings, as_json=as_json))
        with Live(console=stdout, auto_refresh=False, screen=True) as live:
            _each(seconds, lambda: live.update(_screen(settings), refresh=True))
    except KeyboardInterrupt:
        return


def _each(seconds: float, look: Callable[[], None]) -> None:
    pause = threading.Event()
    while True:
        look()
        pause.wait(seconds)


def _say(settings: Settings, *, as_json: bool) -> None:
    found, now = status_of(settings), datetime.now(UTC)
    if as_json:
        print_json({"at": now.isoformat(timespec="seconds"), **found.as_dict()})
        return
    parts = [f"{now:%Y-%m-%dT%H:%M:%SZ}"]
    if found.broker is not None:
        parts += [f"lag {found.broker.lag}", f"{found.broker.dead_letter_messages} on the dead-letter topic"]
    if found.store is not None:
        parts.append(f"{found.store.articles} articles stored")
    stdout.print(plain(", ".join([*parts, *found.problems, *found.unseen])), soft_wrap=True)


def _screen(settings: Settings) -> RenderableType:
    found = status_of(settings)
    lines = [Text("error: ", style="bold red") + plain(line) for line in found.unseen]
    foot = Text(f"\n{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC; Ctrl-C ends it", style="dim")
    return Group(_drawn(settings, found), *lines, foot)


def _drawn(settings: Settings, found: Status) -> RenderableType:
    parts: list[RenderableType] = []
    if found.broker is not None:
        stages = groupby(found.broker.lags, key=lambda lag: lag.group)
        parts += [
            table(
                ("stage", "reads", "partitions #", "committed #", "lag #", "lag by partition"),
                (_row(settings, group, list(lags)) for group, lags in stages),
            ),
            "",
        ]
    parts.append(table(("what", "count #", "of which"), _counts(found.broker, found.store)))
    if found.problems:
        parts += ["", table(("problem",), ((problem,) for problem in found.problems))]
    return Group(*parts)


def _counts(broker: BrokerStatus | None, store: Counts | None) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    if broker is not None:
        letters = "open: `pipeline dead-letters list`"
        rows += [
            ("messages on the raw topic", broker.raw_messages, ""),
            ("messages on the dead-letter topic", broker.dead_letter_messages, letters),
        ]
    if store is not None:
        verdicts = ", ".join(f"{number} {verdict}" for verdict, number in store.by_verdict.items())
        rows += [
            ("articles stored", store.articles, verdicts),
            ("entities stored", store.entities, ""),
            ("quotes stored", store.quotes, f"{store.attributed} with a speaker"),
        ]
        unread = {tag: number for tag, number in store.by_language.items() if not spoken(installed(), tag)}
        if unread:
            named = ", ".join(f"{number} {tag}" for tag, number in unread.items())
            rows.append(("passed unread: no language pack", sum(unread.values()), named))
    return rows


def _row(settings: Settings, group: str, lags: list[PartitionLag]) -> tuple[object, ...]:
    return (
        group.removeprefix(f"{settings.group_prefix}."),
        lags[0].topic,
        len(lags),
        sum(lag.committed or 0 for lag in lags),
        sum(lag.lag for lag in lags),
        ", ".join(f"{lag.partition}: {lag.lag}" for lag in lags if lag.lag) or "-",
    )
