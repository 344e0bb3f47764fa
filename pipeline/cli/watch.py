"""`pipeline watch`: what turns up at a feed, onto news.raw."""

from __future__ import annotations

import threading
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.output import EXIT_PROBLEMS, AsJson, fail, print_json, say, warn
from pipeline.cli.replay import QualifyIds, Source
from pipeline.cli.sending import publisher
from pipeline.errors import PipelineError, SettingsError, SourceError, TransientError, UsageError
from pipeline.execution.signals import already_stopping, on_stop
from pipeline.kafka.publisher import ArticleProducer
from pipeline.settings import Settings
from pipeline.sources import Limits
from pipeline.sources.feeds import Feed, opened
from pipeline.sources.formats import Intake
from pipeline.sources.problems import Reason
from pipeline.sources.reading import utc_now

_LONGEST_PAUSE = 3600.0
_EVERY = 60.0


def watch(
    feed: Annotated[
        str | None, typer.Argument(metavar="[FEED]", help="folder, or a feed that a package adds.")
    ] = None,
    address: Annotated[
        str | None, typer.Argument(metavar="[ADDRESS]", help="Where it is: a path or a URL.")
    ] = None,
    *,
    feeds: Annotated[
        Path | None,
        typer.Option("--feeds", metavar="FILE", help="Feeds on the web, and folders, in a TOML file."),
    ] = None,
    status: Annotated[
        bool, typer.Option("--status", help="With --feeds: only say how each feed stands, and end.")
    ] = False,
    metrics_port: Annotated[
        int | None,
        typer.Option(min=0, max=65_535, help="With --feeds: serve metrics there; 0: any free port."),
    ] = None,
    every: Annotated[
        float | None, typer.Option(min=0.1, help="Seconds between two looks.  [default: 60]")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Look once, and end.")] = False,
    source: Source = None,
    qualify_ids: QualifyIds = False,
    as_json: AsJson = False,
) -> None:
    """Stream what turns up at a feed onto the raw topic, until SIGTERM or Ctrl-C.

    What can't become an article is named on stderr and skipped; with --once the exit code is then 1. A feed that is
    away is asked again, each time after twice as long, an hour at most. An article that is sent again changes nothing.
    With --json a line is printed on stdout for each look that found something.

    With --feeds, RSS, Atom, JSON Feed and news sitemaps on the web, and folders, as the file says (docs/sources.md):
    what was taken is remembered in the store, and each item is taken once.
    """
    settings = Settings.load()
    if feeds is not None:
        if (feed, every, source) != (None, None, None):
            raise UsageError("with --feeds, the file says what is watched, how often and under which source")
        from pipeline.cli.watch_feeds import show_status, watch_feeds  # noqa: PLC0415 - needs an extra

        if status:
            show_status(settings, feeds, as_json=as_json)
        else:
            watch_feeds(
                settings,
                feeds,
                once=once,
                qualify_ids=qualify_ids,
                metrics_port=metrics_port,
                as_json=as_json,
            )
        return
    if feed is None or address is None or status or metrics_port is not None:
        raise UsageError(
            "name a FEED and its ADDRESS, or a file of feeds with --feeds, which --status and --metrics-port go with"
        )
    intake = Intake(
        Limits(max_article_bytes=settings.max_article_bytes), source, utc_now, qualify_ids=qualify_ids
    )
    _watch_one(
        settings,
        opened(feed, address),
        f"{feed} {address}",
        every or _EVERY,
        intake,
        once=once,
        as_json=as_json,
    )


def _watch_one(
    settings: Settings, found: Feed, where: str, every: float, intake: Intake, *, once: bool, as_json: bool
) -> None:
    stop = threading.Event()
    on_stop(stop.set)
    skipped: Counter[str] = Counter()
    with publisher(settings, stop=stop) as sending:
        producer = ArticleProducer(settings, sending)
        pause = every
        while not stop.is_set():
            before = sending.accepted, skipped.total()
            try:
                _look(found, intake, producer, skipped, stop)
                pause = every
            except TransientError as error:
                if once:
                    raise
                warn(f"{where}: {error}; asked again in {pause:.0f} s")
                pause = min(pause * 2, _LONGEST_PAUSE)
            sending.flush()
            _tell(sending.accepted - before[0], skipped.total() - before[1], as_json=as_json)
            if once:
                break
            stop.wait(pause)
        if sending.under_way:
            warn(f"{sending.under_way} articles were not acknowledged yet: the next run sends them again")
    already_stopping()
    for entry in sending.lost:
        fail(f"{entry.key.decode(errors='replace')}: the broker did not take it: {entry.error}")
    if sending.lost or (once and skipped):
        raise typer.Exit(EXIT_PROBLEMS)


def _look(
    feed: Feed, intake: Intake, producer: ArticleProducer, skipped: Counter[str], stop: threading.Event
) -> None:
    """Send what has come since the last look."""
    try:
        for item in feed.poll(intake):
            try:
                if isinstance(item, SourceError):
                    raise item
                producer.send(item)
            except SourceError as problem:
                if problem.reason != Reason.BAD_DATE:  # its article comes all the same
                    skipped[problem.reason] += 1
                warn(str(problem))
            if stop.is_set():
                return
    except PipelineError:
        raise
    except Exception as error:  # a plug-in may raise anything
        raise SettingsError(f"the feed failed: {type(error).__name__}: {error}: mend that package") from error


def _tell(accepted: int, skipped: int, *, as_json: bool) -> None:
    if not (accepted or skipped):
        return
    if as_json:
        print_json({"accepted": accepted, "skipped": skipped})
    else:
        say(f"{accepted} articles accepted, {skipped} skipped")
