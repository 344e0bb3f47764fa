"""`pipeline status`: how far behind, what fails, what is stored, in one view."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict, dataclass
from itertools import groupby

import typer

from pipeline.cli.output import EXIT_PROBLEMS, AsJson, print_json, print_table, stdout
from pipeline.flow import FLOW
from pipeline.kafka.admin import EARLIEST, LATEST, Admin, PartitionLag
from pipeline.kafka.offsets import LogFault
from pipeline.kafka.topics import Topic
from pipeline.settings import Settings
from pipeline.stores.base import Counts, configured_store


@dataclass(frozen=True, slots=True)
class _Status:
    problems: list[str]
    lags: list[PartitionLag]
    raw_messages: int
    dead_letter_messages: int
    store: Counts


def status(*, as_json: AsJson = False) -> None:
    """Show lag by stage and partition, dead letters and the store; exit 1 when topics or offsets are not right."""
    settings = Settings.load()
    with Admin(settings) as admin, closing(configured_store(settings, read_only=True)) as store:
        problems = [f"{state.spec.name} {state.problem}" for state in admin.topic_states() if state.problem]
        lags = admin.lag(FLOW.sources)
        found = _Status(
            [*problems, *_faults(lags)],
            lags,
            0 if problems else _messages(admin, Topic.RAW),
            0 if problems else _messages(admin, Topic.DEAD_LETTER),
            store.counts(),
        )
    if as_json:
        print_json({**asdict(found), "lags": [lag.as_dict() for lag in found.lags]})
    else:
        _show(settings, found)
    if found.problems:
        raise typer.Exit(EXIT_PROBLEMS)


def _messages(admin: Admin, topic: Topic) -> int:
    return sum(admin.offsets(topic, LATEST).values()) - sum(admin.offsets(topic, EARLIEST).values())


def _show(settings: Settings, found: _Status) -> None:
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


def _faults(lags: list[PartitionLag]) -> list[str]:
    """What is wrong with the groups' logs, one line a partition."""
    return [
        f"{lag.group} on {lag.topic}/{lag.partition}: {_FAULTS[lag.found.fault].format(found=lag.found)}"
        for lag in lags
        if lag.found.fault is not None
    ] + [
        f"{lag.group} on {lag.topic}/{lag.partition}: {lag.found.lost} messages were deleted before they were read"
        for lag in lags
        if lag.found.lost
    ]


_FAULTS = {
    LogFault.MADE_ANEW: "committed {found.committed}, but of another log: it will read from {found.start}",
    LogFault.TRUNCATED: "committed {found.committed}, but the log ends at {found.end}: it will read from {found.start}",
    LogFault.EXPIRED: "committed {found.committed}, but the log begins at {found.start}",
}


def _row(settings: Settings, group: str, lags: list[PartitionLag]) -> tuple[object, ...]:
    return (
        group.removeprefix(f"{settings.group_prefix}."),
        lags[0].topic,
        len(lags),
        sum(lag.committed or 0 for lag in lags),
        sum(lag.lag for lag in lags),
        ", ".join(f"{lag.partition}: {lag.lag}" for lag in lags if lag.lag) or "-",
    )
