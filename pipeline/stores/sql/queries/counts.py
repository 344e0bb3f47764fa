"""How much is stored."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import Engine, func, select

from pipeline.stores.base import UNKNOWN_LANGUAGE, Counts
from pipeline.stores.sql.database import reading
from pipeline.stores.sql.schema import articles, entities, quotes


def counts(engine: Engine) -> Counts:
    """Count what is stored. Reads whole indexes: a matter of seconds on millions of articles."""
    tag = func.coalesce(articles.c.language, UNKNOWN_LANGUAGE).label("tag")
    kinds = select(articles.c.verdict, tag, func.count().label("number")).group_by(articles.c.verdict, tag)
    by_verdict: Counter[str] = Counter()
    by_language: Counter[str] = Counter()
    with reading(engine) as connection:
        for verdict, language, number in connection.execute(kinds):
            by_verdict[verdict] += number
            by_language[language] += number
        named = connection.execute(select(func.count()).select_from(entities)).scalar_one()
        said, attributed = connection.execute(
            select(func.count(), func.count(quotes.c.speaker_key)).select_from(quotes)
        ).one()
    verdicts, languages = (dict(sorted(found.items())) for found in (by_verdict, by_language))
    return Counts(by_verdict.total(), verdicts, named, said, attributed, languages)
