"""An article with its findings as a page of its own: one file, without a console behind it."""

from __future__ import annotations

from importlib.resources import files

from markupsafe import Markup

from pipeline.exports.saying import unread
from pipeline.record import EnrichedArticle
from pipeline.web.console.article import entities_by_kind, marked_body, marked_headline, statements
from pipeline.web.console.drawing import rendered


def article_page(record: EnrichedArticle) -> str:
    """The page as HTML. It has no script and asks for nothing from anywhere."""
    style = files("pipeline.web.console").joinpath("static", "console.css").read_text(encoding="utf-8")
    return rendered(
        "alone",
        record=record,
        style=Markup(style),  # noqa: S704 - our own file
        headline=marked_headline(record),
        text=marked_body(record),
        unread=unread(record.article),
        statements=statements(record),
        entities=entities_by_kind(record),
    )
