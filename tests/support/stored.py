"""What is stored, for tests that only ask whether something is."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Engine

from pipeline.stores.sql.queries.ids import SqlVersions


def stored_ids(engine: Engine) -> Iterator[str]:
    """The ids of all stored articles, sorted by code point."""
    return (article_id for article_id, _ in SqlVersions(engine).all())
