"""Whole records out of a store, as many as there are, in constant memory."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.record import EnrichedArticle
from pipeline.stores.base import Store, searches_of
from pipeline.stores.questions import ArticleQuestion

_PAGE = 200


def stored_records(store: Store, question: ArticleQuestion) -> Iterator[EnrichedArticle]:
    """The records of the articles that are asked for, the latest first, a page of them at a time.

    Raises:
        UsageError: the store answers no searches, or the question has no word in it.
        TransientError: the store is away.
    """
    searches = searches_of(store)
    after = None
    while True:
        page = searches.search_articles(question, after=after, limit=_PAGE)
        for found in page.found:
            record = store.article(found.article_id)
            if record is not None:  # it may have been forgotten meanwhile
                yield record
        if page.after is None:
            return
        after = page.after
