"""What the pages and the interface for programs ask: the store, a few questions at a time, each for a few seconds."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import anyio
import anyio.to_thread

from pipeline.errors import TransientError
from pipeline.questions.question import Question
from pipeline.record import Alert, EnrichedArticle
from pipeline.settings import Settings
from pipeline.stores.base import Store, open_store, searches_of, standing_in, standing_of
from pipeline.stores.questions import Page, Place
from pipeline.stores.searches import Searches
from pipeline.stores.versions import Standing

PATIENCE_SECONDS = 5.0
_AT_ONCE = 4
_WAIT_SECONDS = 10.0

Answer = TypeVar("Answer")


class Desk:
    """Asks a store from an event loop. The store can't be written to, and what takes too long is given up.

    Args:
        settings: name the store.

    Raises:
        SettingsError: it can't be used.
        UsageError: it answers no searches.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._store: Store = open_store(
            settings.database_url.get_secret_value(), read_only=True, patience=PATIENCE_SECONDS
        )
        self._searches: Searches = searches_of(self._store)
        self._limiter: anyio.CapacityLimiter | None = None

    async def ask(self, question: Callable[[Searches], Answer]) -> Answer:
        """Ask the searches, in a thread.

        Raises:
            TransientError: the store is away or busy, or the answer took too long.
            InstallationError: the store is not of this version.
            UsageError: the question can't be asked.
        """
        return await self.in_thread(lambda: question(self._searches))

    async def article(self, article_id: str) -> EnrichedArticle | None:
        """A stored record; raises as `ask`."""
        return await self.in_thread(lambda: self._store.article(article_id))

    async def standing(self, article_id: str) -> Standing | None:
        """Where its version was accepted, and which versions it superseded; raises as `ask`."""
        return await self.in_thread(lambda: self._store.versions.of([article_id]).get(article_id))

    async def alerts(self, *, question: str | None, after: Place | None, limit: int) -> Page[Alert]:
        """A page of what answered standing questions; raises as `ask`."""
        kept = standing_of(self._store).alerts
        return await self.in_thread(lambda: kept.page(question=question, after=after, limit=limit))

    async def latest_alerts(self, limit: int) -> tuple[Alert, ...]:
        """Those of all questions, none where the store keeps no questions; raises as `ask`."""
        standing = standing_in(self._store)
        if standing is None:
            return ()
        return (await self.in_thread(lambda: standing.alerts.page(limit=limit))).found

    async def questions(self) -> list[Question]:
        """The standing ones that can be read; raises as `ask`."""
        kept = standing_of(self._store).questions
        return (await self.in_thread(kept.all)).questions

    def searches(self) -> Searches:
        """For whoever has a thread of their own."""
        return self._searches

    def close(self) -> None:
        """Let go of the store."""
        self._store.close()

    async def in_thread(self, work: Callable[[], Answer]) -> Answer:
        """Do what blocks in one of a few threads; raises as `ask`."""
        if self._limiter is None:
            self._limiter = anyio.CapacityLimiter(_AT_ONCE)
        try:
            with anyio.fail_after(_WAIT_SECONDS):
                return await anyio.to_thread.run_sync(work, limiter=self._limiter)
        except TimeoutError:
            raise TransientError("too many questions at a time: ask again in a moment") from None
