"""The pages that change by themselves: what is seen of broker and store, told to every browser that looks (SSE)."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.errors import PipelineError
from pipeline.record import Alert
from pipeline.settings import Settings
from pipeline.stores.questions import FoundArticle, HourlyArticles
from pipeline.watch.exporter import DeadLetterCensus
from pipeline.watch.live import LiveStream, Reading
from pipeline.web.console.desk import Desk

log = logging.getLogger(__name__)

MOST_LOOKERS = 32
HOURS = 48
LATEST_ALERTS = 50
_LOOK_SECONDS = 2.0
_LONG_LOOK_SECONDS = 10.0
_CENSUS_SECONDS = 5.0
_SILENCE_SECONDS = 15.0
_INTEREST_SECONDS = 20.0
_NEWEST = 12


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the pages show. `problem` says why the store does not answer; `number` counts changes."""

    number: int = 0
    reading: Reading | None = None
    letters: Mapping[str, int] | None = None
    newest: Sequence[FoundArticle] = ()
    alerts: Sequence[Alert] = ()
    hourly: Sequence[HourlyArticles] = ()
    problem: str | None = None


class Hub:
    """Looks while somebody looks, and wakes them when something has changed.

    Args:
        settings: where the broker is.
        desk: asks the store.
    """

    def __init__(self, settings: Settings, desk: Desk) -> None:
        self._desk = desk
        self.snapshot = Snapshot()
        self._lookers = 0
        self._asked_at = -_INTEREST_SECONDS
        self._changed = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._stream = LiveStream(settings, wanted=self.is_wanted, on_reading=self._take)
        self._census = DeadLetterCensus(settings, interval=_CENSUS_SECONDS, wanted=self.is_wanted)
        self.is_closing = False

    def is_wanted(self) -> bool:
        """Whether somebody looks, or did so a moment ago."""
        return self._lookers > 0 or time.monotonic() - self._asked_at < _INTEREST_SECONDS

    async def start(self) -> None:
        """Begin."""
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.create_task(self._look_at_store())
        self._stream.start()
        self._census.start()

    async def stop(self) -> None:
        """End; whoever looks is sent home."""
        self.close_streams()
        self._stream.stop()
        self._census.stop()
        if self._task:
            self._task.cancel()

    def close_streams(self) -> None:
        """Let the open streams end."""
        self.is_closing = True
        self._wake()

    async def glance(self) -> Snapshot:
        """The store as it is now, and the broker as it was last seen: for a page that is drawn once."""
        was_wanted = self.is_wanted()
        self._asked_at = time.monotonic()
        if not was_wanted:
            await self._look(with_hours=True)
        return self.snapshot

    @property
    def is_full(self) -> bool:
        """Whether no more may look."""
        return self._lookers >= MOST_LOOKERS

    async def events(self, drawn: Callable[[Snapshot], Mapping[str, str]]) -> AsyncIterator[str]:
        """Give server-sent events: by name each part of the page that has changed, as HTML.

        Args:
            drawn: draws the parts of a snapshot.
        """
        self._lookers += 1
        known: dict[str, str] = {}
        number = -1
        try:
            while not self.is_closing:
                changed = self._changed  # of before the drawing: what happens meanwhile is not missed
                if self.snapshot.number != number:
                    number = self.snapshot.number
                    for name, html in drawn(self.snapshot).items():
                        if known.get(name) != html:
                            known[name] = html
                            yield _event(name, html)
                try:
                    await asyncio.wait_for(changed.wait(), _SILENCE_SECONDS)
                except TimeoutError:
                    yield ": still here\n\n"
        finally:
            self._lookers -= 1

    def _take(self, reading: Reading) -> None:
        """Called from the stream's thread."""
        if self._loop is not None and not self.is_closing:
            with contextlib.suppress(RuntimeError):  # the loop has ended in this very moment
                self._loop.call_soon_threadsafe(lambda: self._set(reading=reading))

    def _set(self, **parts: object) -> None:
        found = self._census.found
        if found is not None:
            parts["letters"] = {str(reason): number for reason, number in found.most_common()}
        changed = replace(self.snapshot, **parts)  # type: ignore[arg-type] # fields of Snapshot
        if changed != self.snapshot:
            self.snapshot = replace(changed, number=self.snapshot.number + 1)
            self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def _look_at_store(self) -> None:
        hours_at = -_LONG_LOOK_SECONDS
        while True:
            if self.is_wanted():
                now = time.monotonic()
                with_hours = now - hours_at >= _LONG_LOOK_SECONDS
                hours_at = now if with_hours else hours_at
                await self._look(with_hours=with_hours)
            await asyncio.sleep(_LOOK_SECONDS)

    async def _look(self, *, with_hours: bool) -> None:
        try:
            newest = await self._desk.ask(lambda searches: searches.newest_articles(limit=_NEWEST))
            hourly = self.snapshot.hourly
            if with_hours:
                hourly = await self._desk.ask(lambda searches: searches.articles_by_hour(hours=HOURS))
            alerts = await self._desk.latest_alerts(LATEST_ALERTS)
            self._set(newest=newest, alerts=alerts, hourly=hourly, problem=None)
        except PipelineError as error:
            log.debug("no look at the store: %s", error)
            self._set(problem=str(error))


def _event(name: str, html: str) -> str:
    data = "".join(f"data: {line}\n" for line in html.splitlines())
    return f"event: {name}\n{data}\n"
