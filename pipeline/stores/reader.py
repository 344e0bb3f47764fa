"""A store opened for reading: the newsroom's questions as methods."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from functools import partial
from types import TracebackType
from typing import Self

from pipeline.record import EnrichedArticle
from pipeline.settings import Settings
from pipeline.stores import base
from pipeline.stores.base import Counts, searches_of
from pipeline.stores.questions import ArticleQuestion, Found, FoundArticle, Page, Place, StatementQuestion
from pipeline.stores.records import stored_records
from pipeline.stores.removals import Forgotten
from pipeline.stores.searches import Alias, Cluster, FoundQuote, Member, NamingArticle, TopEntity
from pipeline.stores.versions import Standing

_PAGE = 500


def open_store(url: str | None = None) -> StoreReader:
    """Open a store for reading; nothing can be written through it.

    Args:
        url: `sqlite:///PATH` or `postgresql+psycopg://USER:PASSWORD@HOST/NAME`, or that of another store, which may
            answer no searches (`opensearch://HOST:9200/PREFIX`); by default that of the settings
            (`PIPELINE_DATABASE_URL`).

    Raises:
        SettingsError: the URL can't be used, or there is no such file. The message never shows a password.
    """
    return StoreReader(
        base.open_store(url or Settings.load().database_url.get_secret_value(), read_only=True)
    )


class StoreReader:
    """Stored articles by id, and searches over all of them. A context manager: leaving it closes the connections.

    Times are UTC; `since` is the earliest, `until` the first that is too late. `limit` bounds what is given.

    Raises:
        TransientError: by every method: the database can't be reached, or takes too long.
        InstallationError: by every method: it has no tables of ours, or this user may not read them.
        UsageError: by every search: the store answers none.
    """

    def __init__(self, store: base.Store) -> None:
        self._store = store

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._store.close()

    def article(self, article_id: str) -> EnrichedArticle | None:
        """Give a stored record whole; None where there is none."""
        return self._store.article(article_id)

    def standing(self, article_id: str) -> Standing | None:
        """Where the version that stands was accepted, and what it superseded; None where none is stored."""
        return self._store.versions.of([article_id]).get(article_id)

    def records(self, question: ArticleQuestion | None = None) -> Iterator[EnrichedArticle]:
        """Give the records of all articles that are meant, the latest first, of which one at a time is held.

        Args:
            question: which are meant; all when there is none. See `pipeline.stores.records`.

        Raises:
            UsageError: the question's `words` have no word in them, or the store answers no searches.
        """
        return stored_records(self._store, question or ArticleQuestion())

    def when_forgotten(self, article_id: str) -> Forgotten | None:
        """When and why an article was removed on purpose; None if it was not."""
        removals = self._store.removals
        return None if removals is None else removals.when(article_id)

    def counts(self) -> Counts:
        """Count what is stored. A matter of seconds on millions of articles."""
        return self._store.counts()

    def quotes(
        self,
        *,
        speaker: str | None = None,
        about: str | None = None,
        polarities: Collection[str] = (),
        least_confidence: float = 0.0,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 20,
    ) -> list[FoundQuote]:
        """Find statements, the latest first; the same words of one speaker in many copies are one.

        Args:
            speaker: who said it: a full name, or a short one that an article uses for it.
            about: words and "phrases" in the statement or around it.
            polarities: only what is `asserted`, `denied`, `doubted`, and so on; anything when there are none.
            least_confidence: in 0..1; what is less sure is left out.
            since: the earliest time.
            until: the time before which it was published.
            limit: the largest number of statements.

        Raises:
            UsageError: `about` has no word in it.
        """
        return searches_of(self._store).find_quotes(
            speaker=speaker,
            about=about,
            polarities=polarities,
            least_confidence=least_confidence,
            since=since,
            until=until,
            limit=limit,
        )

    def statements(self, question: StatementQuestion, *, limit: int = 20) -> list[FoundQuote]:
        """Find statements by all that is known of them, the latest first, each where it was first made.

        Raises:
            UsageError: `question.about` has no word in it.
        """
        return _first(partial(searches_of(self._store).search_statements, question), limit)

    def find_articles(self, question: ArticleQuestion, *, limit: int = 20) -> list[FoundArticle]:
        """Find articles by all that is known of them, the latest first.

        Raises:
            UsageError: `question.words` has no word in it.
        """
        return _first(partial(searches_of(self._store).search_articles, question), limit)

    def articles(
        self,
        naming: str,
        *,
        type: str | None = None,  # noqa: A002 - the word the record uses
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 20,
    ) -> list[NamingArticle]:
        """Find the articles that name somebody or something, in full or in short, the latest first.

        `type` is an OntoNotes label (PERSON, ORG, GPE, …), None for any.
        """
        return searches_of(self._store).articles_naming(
            naming, type=type, since=since, until=until, limit=limit
        )

    def entities(
        self,
        *,
        type: str | None = None,  # noqa: A002 - the word the record uses
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 20,
    ) -> list[TopEntity]:
        """Give who and what is named in most articles, those in most first; `type` as in `articles`."""
        return searches_of(self._store).top_entities(type=type, since=since, until=until, limit=limit)

    def aliases(self, name: str, *, type: str | None = None, limit: int = 100) -> list[Alias]:  # noqa: A002 - as in the record
        """Give what a name stands for, and what stands for it; `type` as in `articles`."""
        return searches_of(self._store).aliases_of(name, type=type, limit=limit)

    def nearest_names(self, name: str, *, limit: int = 5) -> list[str]:
        """Give the stored names that are spelt most like one that nobody has; maybe none."""
        return searches_of(self._store).nearest_names(name, limit=limit)

    def clusters(
        self, *, since: datetime | None = None, until: datetime | None = None, limit: int = 20
    ) -> list[Cluster]:
        """Give the stories that most outlets carry, those with most copies first of as many."""
        return searches_of(self._store).largest_clusters(since=since, until=until, limit=limit)

    def cluster(self, identifier: str, *, limit: int = 1000) -> tuple[str, list[Member]] | None:
        """Give a story by its id, or any in it: its id and its articles, the one that stands for it first.

        None where neither is stored.
        """
        return searches_of(self._store).cluster_of(identifier, limit=limit)


def _first(pages: Callable[..., Page[Found]], limit: int) -> list[Found]:
    """What a search finds, page by page."""
    found: list[Found] = []
    after: Place | None = None
    while len(found) < limit:
        page = pages(after=after, limit=min(_PAGE, limit - len(found)))
        found += page.found
        after = page.after
        if after is None:
            break
    return found
