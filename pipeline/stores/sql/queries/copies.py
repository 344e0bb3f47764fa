"""Exact copies carry what their original says, and have no findings of their own: they are found through it."""

from __future__ import annotations

from sqlalchemy import CTE, Select, literal_column, select

from pipeline.record import Verdict
from pipeline.stores.sql.schema import articles


def with_copies(found: Select[tuple[str]]) -> CTE:
    """Articles and their exact copies, those of copies too, as a recursive table.

    Args:
        found: selects `article_id` of articles with findings, each once.

    Returns:
        Its columns: `article_id`, and `origin`, the article whose findings they are.
    """
    base = found.subquery("with_findings")
    carriers = select(base.c.article_id, base.c.article_id.label("origin")).cte("carriers", recursive=True)
    copies = (
        select(articles.c.article_id, carriers.c.origin)
        .join(carriers, articles.c.duplicate_of == carriers.c.article_id)
        # Written out, so that the planner of either database sees a constant.
        .where(articles.c.verdict == literal_column(f"'{Verdict.EXACT.value}'"))
        .where(articles.c.article_id.not_in(select(base.c.article_id)))
    )
    return carriers.union(copies)
