"""`pipeline watch --feeds`: many feeds on the web and folders, onto news.raw."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path

import typer

from pipeline.cli.metrics_port import serve_metrics
from pipeline.cli.output import EXIT_PROBLEMS, print_json, print_table, say, warn
from pipeline.cli.sending import publisher
from pipeline.errors import SettingsError
from pipeline.execution.signals import already_stopping, on_stop
from pipeline.kafka.publisher import ArticleProducer, Delivery
from pipeline.settings import Settings
from pipeline.sources import Limits
from pipeline.sources.feeds.config import Watched, load
from pipeline.sources.formats import Intake
from pipeline.sources.reading import utc_now
from pipeline.stores.base import FeedMemory, configured_store, feed_memory_of
from pipeline.watch import metrics

try:
    from pipeline.sources.feeds.watching import Watching
except ImportError as error:
    raise SettingsError(
        f"--feeds needs packages that are not installed ({error.name}): pip install 'news-pipeline[feeds,formats]'"
    ) from None


def watch_feeds(
    settings: Settings, path: Path, *, once: bool, qualify_ids: bool, metrics_port: int | None, as_json: bool
) -> None:
    """Watch what a file names until SIGTERM or Ctrl-C; with `once`, look once at each.

    Raises:
        SettingsError: the file is wrong, or the store is not of this version.
    """
    watched = load(path)
    limits = Limits(max_article_bytes=settings.max_article_bytes)
    with ExitStack() as open_things:
        store = open_things.enter_context(closing(configured_store(settings)))
        memory = feed_memory_of(store)
        store.upgrade()
        serve_metrics(open_things, settings, metrics_port, as_json=as_json)
        ending = threading.Event()
        sending = open_things.enter_context(publisher(settings, stop=ending))
        watching = Watching(
            watched,
            memory,
            lambda source: Intake(limits, source, utc_now, qualify_ids=qualify_ids),
            Delivery(ArticleProducer(settings, sending), sending),
            _Listener(as_json=as_json),
        )
        try:
            asyncio.run(_run(watching, ending, once=once))
        except ExceptionGroup as group:
            raise _first(group) from None  # alone, for main() to make a line of it
    already_stopping()
    if once and watching.failed:
        raise typer.Exit(EXIT_PROBLEMS)


def show_status(settings: Settings, path: Path, *, as_json: bool) -> None:
    """How each feed of a file stands, as it was noted last."""
    watched = load(path)
    with closing(configured_store(settings, read_only=True)) as store:
        rows = list(_standing(watched, feed_memory_of(store)))
    if as_json:
        for row in rows:
            print_json(row)
        return
    print_table(
        tuple(rows[0]) if rows else ("feed",), (tuple(str(v or "-") for v in row.values()) for row in rows)
    )


def _standing(watched: Watched, memory: FeedMemory) -> Sequence[dict[str, object]]:
    return [
        {
            "feed": feed.title,
            "looked": _moment(state.get("looked")),
            "next": _moment(state.get("due")),
            "failures": state.get("failures", 0),
            "fault": state.get("fault"),
        }
        for feed in watched.feed
        for state in [memory.state(feed.url)]
    ]


def _moment(seconds: float | None) -> str | None:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds") if seconds else None


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    found: BaseException = group
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    return found


async def _run(watching: Watching, ending: threading.Event, *, once: bool) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def end() -> None:
        ending.set()
        loop.call_soon_threadsafe(stop.set)

    on_stop(end)
    await watching.run(stop, once=once)


class _Listener:
    """Says it on screen and in the metrics; see watching.Listener."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json

    def problem(self, feed: str, line: str) -> None:
        warn(line if feed in line else f"{feed}: {line}")

    def looked(self, feed: str, *, accepted: int, skipped: int, outcome: str) -> None:
        metrics.FEED_LOOKS.labels(feed, outcome).inc()
        metrics.FEED_ITEMS.labels(feed, "accepted").inc(accepted)
        metrics.FEED_ITEMS.labels(feed, "skipped").inc(skipped)
        if outcome != "failed":
            metrics.FEED_LAST_SUCCESS.labels(feed).set(time.time())
        if not (accepted or skipped):
            return
        if self._as_json:
            print_json({"feed": feed, "accepted": accepted, "skipped": skipped})
        else:
            say(f"{feed}: {accepted} articles accepted, {skipped} skipped")
