"""Whose an id is. Ids that are given are kept as they are, so two sources may give the same one.

The source that used an id first in the log keeps it. Another one may use it only for the same article: with the address
that it had then, as when an outlet is renamed. Otherwise one article would take the other's place as its revision. All
are held against the first, and against nothing that came later, so that a redelivery ends as it did before.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence

from pipeline.errors import Reason
from pipeline.record import Article
from pipeline.stages.base import Rejection
from pipeline.stages.duplicates.state import StateRow

_SHOWN = 80  # characters of a name

Owner = tuple[str | None, str | None]
"""Source and address of an article that has the id; no source where that is not known."""


def conflicts(
    articles: Sequence[Article], known: Mapping[str, Sequence[StateRow]], leave: Container[int]
) -> dict[int, Rejection]:
    """Those of a batch whose id is another source's, by their place in it.

    Args:
        articles: in the order of the stream.
        known: what is remembered of their ids.
        leave: the places of articles that are rejected for something else; they own nothing.
    """
    owners: dict[str, Owner] = {
        article_id: (rows[0].source, rows[0].url) for article_id, rows in known.items()
    }
    rejections: dict[int, Rejection] = {}
    for place, article in enumerate(articles):
        if place in leave:
            continue
        owner = owners.setdefault(article.article_id, (article.source, article.url))
        if not _is_same(owner, article):
            rejections[place] = _conflict(article, owner)
    return rejections


def _is_same(owner: Owner, article: Article) -> bool:
    source, url = owner
    return source is None or source == article.source or (url is not None and url == article.url)


def _conflict(article: Article, owner: Owner) -> Rejection:
    article_id, first, second = map(_shown, (article.article_id, owner[0], article.source))
    return Rejection(
        Reason.ID_CONFLICT,
        f"id {article_id} is {first}'s; {second} uses it too: give it an id of its own, or replay with --qualify-ids",
    )


def _shown(name: str | None) -> str:
    return str(name) if len(str(name)) <= _SHOWN else f"{str(name)[:_SHOWN]}…"
