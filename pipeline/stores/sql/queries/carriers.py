"""Which articles carry the same words of one speaker, exact copies of articles counted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, func, select

from pipeline.stores.sql.bulk import slices
from pipeline.stores.sql.queries.copies import with_copies
from pipeline.stores.sql.queries.ranges import within
from pipeline.stores.sql.schema import articles, quotes


@dataclass(slots=True)
class Carriers:
    """How many articles carry a statement, and of which sources."""

    articles: int = 0
    outlets: set[str] = field(default_factory=set)


NOWHERE = Carriers()


def carried(
    connection: Connection, words: Collection[bytes], since: datetime | None, until: datetime | None
) -> Mapping[tuple[bytes, str | None], Carriers]:
    """What carries these words (`words_hash`), by the words and the speaker's key."""
    said: dict[str, set[tuple[bytes, str | None]]] = {}
    for some in slices(sorted(words)):
        carrying = select(quotes.c.article_id, quotes.c.words_hash, quotes.c.speaker_key).where(
            quotes.c.words_hash.in_(some)
        )
        for article_id, hashed, key in connection.execute(carrying):
            said.setdefault(article_id, set()).add((hashed, key))
    found: dict[tuple[bytes, str | None], Carriers] = {}
    for some in slices(sorted(said)):
        carriers = with_copies(select(articles.c.article_id).where(articles.c.article_id.in_(some)))
        each = (
            select(carriers.c.origin, articles.c.source, func.count(carriers.c.article_id.distinct()))
            .join(articles, articles.c.article_id == carriers.c.article_id)
            .where(*within(articles.c.time, since, until))
            .group_by(carriers.c.origin, articles.c.source)
        )
        for origin, source, number in connection.execute(each):
            for one in said[origin]:
                carrier = found.setdefault(one, Carriers())
                carrier.articles += number
                carrier.outlets.add(source)
    return found
