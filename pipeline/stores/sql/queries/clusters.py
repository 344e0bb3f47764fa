"""Which articles tell the same story, and which of them stands for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, func, literal, select, union_all

from pipeline.record import Verdict
from pipeline.stores.searches import Cluster, Member
from pipeline.stores.sql.bulk import slices
from pipeline.stores.sql.database import reading
from pipeline.stores.sql.queries.ranges import within
from pipeline.stores.sql.schema import articles, cluster_merges

_LATER_MERGES = cluster_merges.alias("later_merges")
_RESOLVED = func.coalesce(_LATER_MERGES.c.winner, articles.c.cluster_id)
_CLUSTERED = articles.outerjoin(_LATER_MERGES, _LATER_MERGES.c.loser == articles.c.cluster_id)

_FACE = (articles.c.article_id.label("canonical"), articles.c.title, articles.c.source)
_HAS_NONE = articles.c.verdict == Verdict.EXACT.value
_FACE_FIRST = (_HAS_NONE, articles.c.time, articles.c.article_id)


def largest_clusters(
    engine: Engine,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    at_least: int = 2,
    limit: int = 20,
) -> list[Cluster]:
    """Give the clusters of a time range that most outlets carry; of as many, those with most articles first.

    Args:
        engine: the store.
        since: the earliest time.
        until: the time before which the articles were published.
        at_least: the smallest number of members; an article without a copy is a cluster of one.
        limit: the largest number of clusters.
    """
    size, sources = func.count(), func.count(articles.c.source.distinct())
    largest = (
        select(
            _RESOLVED.label("cluster_id"),
            size.label("members"),
            sources.label("sources"),
            func.min(articles.c.time).label("first"),
            func.max(articles.c.time).label("last"),
        )
        .select_from(_CLUSTERED)
        .where(*within(articles.c.time, since, until))
        .group_by(_RESOLVED)
        .having(size >= at_least)
        .order_by(sources.desc(), size.desc(), _RESOLVED)
        .limit(limit)
    )
    with reading(engine) as connection:
        found = connection.execute(largest).all()
        faces = _canonicals(connection, [row.cluster_id for row in found])
    return [
        Cluster(**row._mapping, **faces[row.cluster_id])  # noqa: SLF001 - documented name
        for row in found
        if row.cluster_id in faces
    ]


def cluster_of(engine: Engine, identifier: str, *, limit: int = 1000) -> tuple[str, list[Member]] | None:
    """Give one cluster's id and its members, the canonical one first and then by time.

    Args:
        engine: the store.
        identifier: the id of a cluster, also of one that was merged into another, or of any member.
        limit: the largest number of members.

    Returns:
        None if there is no such cluster or article.
    """
    with reading(engine) as connection:
        cluster_id = _resolve(connection, identifier)
        if (face := _canonical(connection, cluster_id)) is None:
            return None
        query = (
            select(
                articles.c.article_id,
                articles.c.time,
                articles.c.source,
                articles.c.title,
                articles.c.url,
                articles.c.verdict,
                articles.c.duplicate_of,
                articles.c.relation,
                articles.c.jaccard,
                articles.c.containment,
                articles.c.text,
            )
            .where(_belongs_to(cluster_id))
            .order_by(articles.c.article_id != face.canonical, articles.c.time, articles.c.article_id)
            .limit(limit)
        )
        rows = connection.execute(query).all()
    return cluster_id, [
        Member(**row._mapping, canonical=row.article_id == face.canonical)  # noqa: SLF001 - documented name
        for row in rows
    ]


def _resolve(connection: Connection, identifier: str) -> str:
    merged = select(cluster_merges.c.winner).where(cluster_merges.c.loser == identifier)
    member = select(_RESOLVED).select_from(_CLUSTERED).where(articles.c.article_id == identifier)
    cluster = select(articles.c.cluster_id).where(articles.c.cluster_id == identifier).limit(1)
    for query in (merged, cluster, member):
        found: str | None = connection.execute(query).scalar()
        if found is not None:
            return found
    return identifier


def _belongs_to(cluster_id: str) -> ColumnElement[bool]:
    merged = select(cluster_merges.c.loser).where(cluster_merges.c.winner == cluster_id)
    return articles.c.cluster_id.in_(union_all(select(literal(cluster_id)), merged))


def _canonical(connection: Connection, cluster_id: str) -> Row[*tuple[Any, ...]] | None:
    """The member that stands for the story: the earliest that has findings, which does not depend on who came first.

    An exact copy has none of its own, whatever its date; it stands for the story where there is nothing else.
    """
    query = select(*_FACE).where(_belongs_to(cluster_id))
    return connection.execute(query.order_by(*_FACE_FIRST).limit(1)).first()


def _canonicals(connection: Connection, cluster_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The same of several, by their ids: a question each takes longer than all the rest."""
    own = list(cluster_ids)
    for some in slices(cluster_ids):
        merged = select(cluster_merges.c.loser).where(cluster_merges.c.winner.in_(some))
        own += connection.execute(merged).scalars()
    faces: dict[str, dict[str, Any]] = {}
    firsts: dict[str, tuple[Any, ...]] = {}
    for some in slices(sorted(own)):
        place = func.row_number().over(partition_by=_RESOLVED, order_by=_FACE_FIRST).label("place")
        members = (
            select(_RESOLVED.label("cluster_id"), *_FACE, articles.c.time, _HAS_NONE.label("has_none"), place)
            .select_from(_CLUSTERED)
            .where(articles.c.cluster_id.in_(some))
            .subquery()
        )
        for row in connection.execute(select(members).where(members.c.place == 1)):
            first = (row.has_none, row.time, row.canonical)
            if row.cluster_id not in firsts or first < firsts[row.cluster_id]:
                firsts[row.cluster_id] = first
                faces[row.cluster_id] = {"canonical": row.canonical, "title": row.title, "source": row.source}
    return faces
