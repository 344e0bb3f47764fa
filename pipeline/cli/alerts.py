"""`pipeline alerts`: what answered the standing questions."""

from __future__ import annotations

from contextlib import closing
from typing import Annotated

import typer

from pipeline.cli.output import AsJson, print_json, print_table
from pipeline.settings import Settings
from pipeline.stores.base import configured_store, standing_of


def alerts(
    *,
    question: Annotated[str | None, typer.Option(metavar="ID", help="Only of this question.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List what answered the standing questions, the latest first."""
    with closing(configured_store(Settings.load(), read_only=True)) as store:
        found = standing_of(store).alerts.page(question=question, limit=limit).found
    if as_json:
        print_json([alert.model_dump(mode="json") for alert in found])
        return
    print_table(
        ("at", "question", "headline", "source", "article"),
        ((f"{one.at:%Y-%m-%d %H:%M}", one.title, one.headline, one.source, one.article_id) for one in found),
        title=None if found else "no question was answered",
    )
