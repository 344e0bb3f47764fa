"""Whole records out of a store, as many as there are, in constant memory."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.record import EnrichedArticle
from pipeline.stores.base import Store, searches_of
from pipeline.stores.questions import ArticleQuestion, FoundArticle, Page
from pipeline.stores.searches import Searches

_PAGE = 200


def stored_records(store: Store, question: ArticleQuestion) -> Iterator[EnrichedArticle]:
    """The records of the articles that are asked for, the latest first, a page of them at a time.

    What is asked wrongly is raised by the call itself. A store that answers no searches gives all of its records, in
    the order of their ids, and refuses every other question. An article that is removed meanwhile is left out.

    Raises:
        UsageError: the question has no word in it, or asks for a search of a store that answers none.
        TransientError: the store is away.
    """
    if store.searches is None and question == ArticleQuestion():
        ids: Iterator[str] = (article_id for article_id, _ in store.versions.all())
    else:
        searches = searches_of(store)
        ids = _ids_from(searches, question, searches.search_articles(question, limit=_PAGE))
    return (record for article_id in ids if (record := store.article(article_id)) is not None)


def _ids_from(searches: Searches, question: ArticleQuestion, page: Page[FoundArticle]) -> Iterator[str]:
    """The ids of this page of articles and of those behind it, each asked for when the one before is used up."""
    while True:
        for found in page.found:
            yield found.article_id
        if page.after is None:
            return
        page = searches.search_articles(question, after=page.after, limit=_PAGE)
