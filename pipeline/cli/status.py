"""`pipeline status`: how far behind, what fails, what is stored, in one view."""

from __future__ import annotations

from itertools import groupby

import typer

from pipeline.cli.output import EXIT_PROBLEMS, AsJson, print_json, print_table, stdout
from pipeline.kafka.admin import PartitionLag
from pipeline.settings import Settings
from pipeline.watch.status import Status, status_of


def status(*, as_json: AsJson = False) -> None:
    """Show lag by stage and partition, dead letters and the store; exit 1 when topics or offsets are not right."""
    settings = Settings.load()
    found = status_of(settings)
    if as_json:
        print_json(found.as_dict())
    else:
        _show(settings, found)
    if found.problems:
        raise typer.Exit(EXIT_PROBLEMS)


def _show(settings: Settings, found: Status) -> None:
    print_table(
        ("stage", "reads", "partitions #", "committed #", "lag #", "lag by partition"),
        (_row(settings, group, list(lags)) for group, lags in groupby(found.lags, key=lambda lag: lag.group)),
    )
    stdout.print()
    store = found.store
    verdicts = ", ".join(f"{number} {verdict}" for verdict, number in store.by_verdict.items())
    print_table(
        ("what", "count #", "of which"),
        (
            ("messages on the raw topic", found.raw_messages, ""),
            (
                "messages on the dead-letter topic",
                found.dead_letter_messages,
                "open: `pipeline dead-letters list`",
            ),
            ("articles stored", store.articles, verdicts),
            ("entities stored", store.entities, ""),
            ("quotes stored", store.quotes, f"{store.attributed} with a speaker"),
        ),
    )
    if found.problems:
        stdout.print()
        print_table(("problem",), ((problem,) for problem in found.problems))


def _row(settings: Settings, group: str, lags: list[PartitionLag]) -> tuple[object, ...]:
    return (
        group.removeprefix(f"{settings.group_prefix}."),
        lags[0].topic,
        len(lags),
        sum(lag.committed or 0 for lag in lags),
        sum(lag.lag for lag in lags),
        ", ".join(f"{lag.partition}: {lag.lag}" for lag in lags if lag.lag) or "-",
    )
