"""Watching many feeds at once: each at its own pace, less and less often while it gives nothing."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pipeline.errors import SourceError, TransientError
from pipeline.record import Article
from pipeline.sources.feeds.config import Folder, Watched, WebFeed
from pipeline.sources.feeds.fetching import Fetcher, FetchError
from pipeline.sources.feeds.folder import FolderFeed
from pipeline.sources.feeds.web import Memory, look
from pipeline.sources.formats import Intake
from pipeline.sources.problems import UnfitError

_LONGEST_PAUSE = 3600.0
_LASTING_PAUSE = 600.0
_JITTER = 0.1  # of a pause: feeds of one pace should not all be asked at once for ever
_PORTION = 500

Deliver = Callable[[Sequence[Article]], Mapping[str, str]]
"""Sends articles, and returns when the broker has them; the ids of those that it did not take, each with the reason."""


class Listener(Protocol):
    """Who is told how it goes."""

    def problem(self, feed: str, line: str) -> None:
        """Something is wrong; a fault of a feed that goes on is told once."""

    def looked(self, feed: str, *, accepted: int, skipped: int, outcome: str) -> None:
        """A look is done: `new`, `unchanged` or `failed`."""


@dataclass(slots=True)
class _Told:
    """Problems that were told: a fault of the feed until it gives something again, one of an item for good."""

    fault: str = ""
    items: frozenset[str] = frozenset()


class Watching:
    """All that a file names, watched.

    Args:
        watched: what.
        memory: what is remembered; it has to be safe for threads.
        intake: makes an Intake of the source of articles that name none.
        deliver: see Deliver; called from one thread at a time.
        listener: is told.
    """

    def __init__(
        self,
        watched: Watched,
        memory: Memory,
        intake: Callable[[str | None], Intake],
        deliver: Deliver,
        listener: Listener,
    ) -> None:
        self._watched = watched
        self._memory = memory
        self._intake = intake
        self._deliver = deliver
        self._listener = listener
        self._one_at_a_time = asyncio.Lock()
        self._told: dict[str, _Told] = {}
        self.failed = False

    async def run(self, stop: asyncio.Event, *, once: bool = False) -> None:
        """Watch until `stop` is set, or look once at each.

        Raises:
            TransientError: the broker or the store is away, with `once`; else both are waited for.
        """
        async with Fetcher(self._watched.user_agent) as fetcher, asyncio.TaskGroup() as tasks:
            watchers = [tasks.create_task(self._feed(one, fetcher, once=once)) for one in self._watched.feed]
            watchers += [tasks.create_task(self._folder(one, once=once)) for one in self._watched.folder]
            if once:
                return
            await stop.wait()
            for task in watchers:
                task.cancel()

    async def _feed(self, feed: WebFeed, fetcher: Fetcher, *, once: bool) -> None:
        every = feed.every or self._watched.every
        state = await asyncio.to_thread(self._state, feed.url)
        if not once and (left := state.get("due", 0.0) - time.time()) > 0:
            await asyncio.sleep(min(left, _LONGEST_PAUSE))
        failures = int(state.get("failures", 0))
        while True:
            pause, failures = await self._look(feed, fetcher, every, failures, once=once)
            if once:
                return
            await asyncio.sleep(pause * random.uniform(1, 1 + _JITTER))  # noqa: S311 - no secret

    def _state(self, feed: str) -> Mapping[str, Any]:
        try:
            return self._memory.state(feed)
        except TransientError:
            return {}  # the look says it

    async def _look(
        self, feed: WebFeed, fetcher: Fetcher, every: float, failures: int, *, once: bool
    ) -> tuple[float, int]:
        """Look once; the seconds until the next look, and how many have failed in a row."""
        intake = self._intake(feed.source)
        wait: float | None = None
        try:
            found = await look(feed, fetcher, self._memory, intake)
            articles = {key: one for key, one in found.found.items() if not isinstance(one, SourceError)}
            skipped = [one for one in found.found.values() if isinstance(one, SourceError)]
            self._name(feed.title, [*found.notes, *skipped])
            lost = await self._send(list(articles.values()))
            for article_id, problem in lost.items():
                self._problem(feed.title, f"{article_id}: {problem}")
            seen = [
                key
                for key, one in found.found.items()
                if isinstance(one, SourceError) or one.article_id not in lost
            ]
            pause = 0.0 if found.more and not lost else every
            state = {
                "validators": {} if lost else dict(found.validators),
                "due": time.time() + pause,
                "failures": 0,
                "looked": time.time(),
                "fault": None,
            }
            await asyncio.to_thread(self._memory.note, feed.url, seen, state)
        except (FetchError, UnfitError) as error:
            fault = f"{feed.url}: {error}"
            wait = getattr(error, "wait", None)
            slow = not isinstance(error, FetchError) or error.lasting
            pause = _pause(every, failures, wait, lasting=slow)
            await asyncio.to_thread(self._note_fault, feed.url, str(error), time.time() + pause, failures + 1)
        except TransientError as error:
            if once:
                raise
            fault, pause = str(error), _pause(every, failures, None, lasting=False)
        else:
            self._told.setdefault(feed.title, _Told()).fault = ""
            outcome = "new" if found.found else "unchanged"
            self._listener.looked(
                feed.title, accepted=len(articles) - len(lost), skipped=len(skipped), outcome=outcome
            )
            return pause, 0
        self._fault(feed.title, f"{fault}; asked again in {pause:.0f} s")
        self._listener.looked(feed.title, accepted=0, skipped=0, outcome="failed")
        return pause, failures + 1

    def _note_fault(self, feed: str, fault: str, due: float, failures: int) -> None:
        try:
            state = {**self._memory.state(feed), "due": due, "failures": failures, "fault": fault}
            self._memory.note(feed, (), state)
        except TransientError:
            return  # the next look that finds something says it

    async def _folder(self, folder: Folder, *, once: bool) -> None:
        every = folder.every or self._watched.every
        opened = FolderFeed(folder.path)
        intake = self._intake(folder.source)
        failures = 0
        while True:
            pause = every
            try:
                accepted, skipped = await self._poll(folder.title, opened, intake)
                failures = 0
                self._told.setdefault(folder.title, _Told()).fault = ""
                self._listener.looked(
                    folder.title,
                    accepted=accepted,
                    skipped=skipped,
                    outcome="new" if accepted or skipped else "unchanged",
                )
            except TransientError as error:
                if once:
                    raise
                pause = _pause(every, failures, None, lasting=False)
                failures += 1
                opened = opened.anew()  # what was read and not sent is read again
                self._fault(folder.title, f"{error}; looked at again in {pause:.0f} s")
                self._listener.looked(folder.title, accepted=0, skipped=0, outcome="failed")
            if once:
                return
            await asyncio.sleep(pause)

    async def _poll(self, title: str, opened: FolderFeed, intake: Intake) -> tuple[int, int]:
        """Send what turned up in a folder, a portion at a time; how many were accepted, and skipped."""
        accepted = skipped = 0
        found = opened.poll(intake)
        while portion := await asyncio.to_thread(
            lambda: [one for one, _ in zip(found, range(_PORTION), strict=False)]
        ):
            problems = [one for one in portion if isinstance(one, SourceError)]
            for problem in problems:
                self._problem(title, str(problem))
            articles = [one for one in portion if isinstance(one, Article)]
            lost = await self._send(articles)
            for article_id, why in lost.items():
                self._problem(title, f"{article_id}: {why}")
            accepted += len(articles) - len(lost)
            skipped += len(problems) + len(lost)
        return accepted, skipped

    async def _send(self, articles: Sequence[Article]) -> Mapping[str, str]:
        if not articles:
            return {}
        async with self._one_at_a_time:
            return await asyncio.to_thread(self._deliver, articles)

    def _name(self, title: str, problems: Sequence[SourceError]) -> None:
        told = self._told.setdefault(title, _Told())
        lines = [str(problem) for problem in problems]
        for line in lines:
            if line not in told.items:
                self._problem(title, line)
        told.items = frozenset(lines)

    def _fault(self, title: str, line: str) -> None:
        self.failed = True
        told = self._told.setdefault(title, _Told())
        fault = line.partition("; ")[0]
        if fault != told.fault:
            told.fault = fault
            self._listener.problem(title, line)

    def _problem(self, title: str, line: str) -> None:
        self.failed = True
        self._listener.problem(title, line)


def _pause(every: float, failures: int, wait: float | None, *, lasting: bool) -> float:
    """Seconds until a feed that gave nothing is asked again: twice as long each time, an hour at most.

    What the server asks for is heeded, however long; what lasts is not asked about every minute.
    """
    doubled = min(max(every, _LASTING_PAUSE if lasting else 0.0) * 2.0 ** min(failures, 20), _LONGEST_PAUSE)
    return max(doubled, every, wait or 0.0)
