"""`pipeline replay`: files onto news.raw."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Annotated

import typer

from pipeline.cli.output import EXIT_PROBLEMS, AsJson, fail, print_json, progress, say, warn
from pipeline.cli.pacing import as_published, between, is_article
from pipeline.cli.times import FORMS, moment
from pipeline.errors import SettingsError, SourceError, UsageError
from pipeline.kafka.admin import Admin
from pipeline.kafka.pacing import paced
from pipeline.kafka.publisher import ArticleProducer, Lost, Publisher
from pipeline.record import Article
from pipeline.settings import Settings
from pipeline.sources import Limits, read_articles, total_bytes
from pipeline.sources.problems import Reason
from pipeline.sources.records import FIELDS
from pipeline.watch.faults import Fault

Paths = Annotated[
    list[str],
    typer.Argument(
        metavar="PATH...",
        help="Files (text, Markdown, JSON, CSV, HTML, feeds, NITF, NewsML, mail; each also .gz), folders, or - for "
        "JSON lines on standard input.",
    ),
]
Source = Annotated[str | None, typer.Option(help="The source of articles that name none.")]
QualifyIds = Annotated[
    bool,
    typer.Option("--qualify-ids", help="Make ids that are given SOURCE/ID: other sources may give the same."),
]
Map = Annotated[
    list[str] | None,
    typer.Option(
        "--map", metavar="THEIRS=OURS", help="Take a field of the records for one of ours; may be repeated."
    ),
]

_SHOWN_LOST = 5
_LAST_SECONDS = 5.0  # for what is under way when it is interrupted


def mapping(pairs: list[str] | None) -> dict[str, str]:
    """Their names of fields to ours. Raises UsageError: a pair is none, or there is no such field."""
    names: dict[str, str] = {}
    for pair in pairs or ():
        theirs, _, ours = pair.partition("=")
        if not theirs or ours not in FIELDS:
            raise UsageError(f"--map {pair}: give THEIRS=OURS, where OURS is one of {', '.join(FIELDS)}")
        names[theirs] = ours
    return names


def replay(
    paths: Paths,
    *,
    rate: Annotated[float | None, typer.Option(min=0.001, help="At most so many articles a second.")] = None,
    speed: Annotated[
        float | None,
        typer.Option(
            min=0.001,
            help="With the pauses between their dates, so many times as fast: 60 is a day in 24 min.",
        ),
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(
            parser=moment, metavar="TIME", help=f"Only what was published at or after this: {FORMS}."
        ),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(parser=moment, metavar="TIME", help="Only what was published before this."),
    ] = None,
    names: Map = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read and check everything, send nothing.")
    ] = False,
    source: Source = None,
    qualify_ids: QualifyIds = False,
    as_json: AsJson = False,
) -> None:
    """Stream articles from files onto the raw topic.

    What can't become an article is named on stderr and skipped; the exit code is then 1. The same file replayed
    gives the same articles again, which changes nothing in the store.
    """
    settings = Settings.load()
    started = time.monotonic()
    skipped: Counter[str] = Counter()
    lost: list[Lost] = []
    sent = accepted = 0
    with progress() as bar:
        task = bar.add_task("reading" if dry_run else "replaying", total=total_bytes(paths))
        found = read_articles(
            paths,
            limits=Limits(max_article_bytes=settings.max_article_bytes),
            source=source,
            qualify_ids=qualify_ids,
            names=mapping(names),
            progress=lambda count: bar.advance(task, count),
        )
        found = between(found, since, until)
        if dry_run:
            sent = _feed(found, lambda _: None, skipped)
        else:
            with publisher(settings) as sending:
                producer = ArticleProducer(settings, sending)
                due = as_published(paced(found, rate, counts=is_article), speed)
                try:
                    sent = _feed(due, producer.send, skipped)
                except KeyboardInterrupt:
                    sending.flush(_LAST_SECONDS)
                    unknown = f", {sending.under_way} perhaps" if sending.under_way else ""
                    say(
                        f"interrupted: {sending.accepted} articles were accepted{unknown}; the same command sends the "
                        "rest too, and changes nothing of these"
                    )
                    raise
                sending.flush()
            accepted, lost = sending.accepted, sending.lost
    for entry in lost[:_SHOWN_LOST]:
        fail(f"{entry.key.decode(errors='replace')}: the broker did not take it: {entry.error}")
    unread_dates = skipped.pop(Reason.BAD_DATE, 0)
    seconds = time.monotonic() - started
    summary = {
        "read": sent,
        "accepted": accepted,
        "lost": len(lost),
        "skipped": skipped.total(),
        "skipped_by_reason": {str(reason): count for reason, count in skipped.items()},
        "unread_dates": unread_dates,
        "seconds": round(seconds, 3),
        "articles_per_second": round(sent / seconds, 1),
        "dry_run": dry_run,
    }
    if as_json:
        print_json(summary)
    else:
        what = f"{sent} articles read (dry run)" if dry_run else f"{accepted} of {sent} articles accepted"
        dates = f", {unread_dates} without the date that they give" if unread_dates else ""
        say(
            f"{what}{dates}, {skipped.total()} skipped, in {seconds:.1f} s ({summary['articles_per_second']}/s)"
        )
    if lost or skipped or unread_dates or (not dry_run and accepted != sent):
        raise typer.Exit(EXIT_PROBLEMS)


def _feed(
    found: Iterable[Article | SourceError], send: Callable[[Article], None], skipped: Counter[str]
) -> int:
    """Send the articles, name and count the problems; returns how many were sent."""
    sent = 0
    for item in found:
        try:
            if isinstance(item, SourceError):
                raise item
            send(item)
            sent += 1
        except SourceError as problem:
            skipped[problem.reason] += 1
            warn(str(problem))
    return sent


def publisher(settings: Settings, *, waits: bool = True, stop: threading.Event | None = None) -> Publisher:
    """Whoever sends to the raw topic.

    Args:
        settings: where the broker is.
        waits: whether a broker that is away is waited for, with a line about it, as long as it takes.
        stop: set when it is to end, broker or not.

    Raises:
        SettingsError: the topics are not as they have to be.
        TransientError: the broker is away.
    """
    with Admin(settings) as admin:
        problems = [f"{state.spec.name} {state.problem}" for state in admin.topic_states() if state.problem]
    if problems:
        raise SettingsError("; ".join(problems))
    faults = Fault("the broker", warn, counted=False) if waits else None
    return Publisher(settings, faults=faults, waits=waits, stop=stop)
