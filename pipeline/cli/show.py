"""`pipeline show`: one stored article with everything that was found in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import orjson
import typer

from pipeline.cli.output import AsJson, plain, stdout, write_line
from pipeline.cli.present import ShowAll, show_record, title_of
from pipeline.errors import PipelineError, SettingsError
from pipeline.record import PLACE_TYPES, EnrichedArticle
from pipeline.record.codec import encode
from pipeline.settings import Settings
from pipeline.stores.reader import StoreReader, open_store
from pipeline.stores.versions import Standing

_SHOWN_BELOW = {"PERSON", "ORG", *PLACE_TYPES}


def show(
    article_id: Annotated[str, typer.Argument(metavar="ID", help="The id of the article.")],
    *,
    everything: ShowAll = False,
    as_html: Annotated[
        bool, typer.Option("--html", help="Print a page with the findings marked in the text, in one file.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show a stored article: headline, cluster, who and what is named, who said what; exit 1 if there is none."""
    with open_store() as store:
        record = store.article(article_id)
        if record is None:
            gone = store.when_forgotten(article_id)
            if gone is not None:
                raise PipelineError(f"{article_id}: removed on purpose on {gone.at:%Y-%m-%d} ({gone.why})")
            raise PipelineError(f"{article_id}: no such article is stored")
        standing = store.standing(article_id)
        titles = {} if as_json or as_html else _titles(store, record)
    if as_json:
        write_line(encode(record))
        return
    if as_html:
        write_line(_page(record).encode())
        return
    least = 0.0 if everything else Settings.load().display_confidence
    show_record(record, titles=titles, least_confidence=least)
    for name, found in (*_facts(record), *_way(standing)):
        stdout.print(plain(f"{name}:", style="dim").append(" ").append(plain(found, style="not dim")))


def _way(standing: Standing | None) -> Iterator[tuple[str, str]]:
    """Where it was accepted, and what it took the place of."""
    position = standing.intake.position if standing else None
    if position is not None:
        at = f", {position.appended_at:%Y-%m-%d %H:%M} UTC" if position.appended_at else ""
        yield "accepted", f"message {position.offset} of the raw topic{at}"
    if standing is not None and standing.superseded:
        many = len(standing.superseded)
        yield "in place of", f"{many} earlier version{'s' if many > 1 else ''}"


def _page(record: EnrichedArticle) -> str:
    try:
        from pipeline.web.console.alone import article_page  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise SettingsError(
            f"--html needs packages that are not installed ({error.name}): pip install 'news-pipeline[web]'"
        ) from None
    return article_page(record)


def _titles(store: StoreReader, record: EnrichedArticle) -> dict[str, str]:
    """What the article that this one repeats is called."""
    other = record.duplicate.duplicate_of
    repeated = store.article(other) if other else None
    return {} if repeated is None else {repeated.article.article_id: title_of(repeated)}


def _facts(record: EnrichedArticle) -> Iterator[tuple[str, str]]:
    """Where it comes from, and what `show_record` does not show."""
    others = [
        f"{entity.name} ({entity.type})" for entity in record.entities if entity.type not in _SHOWN_BELOW
    ]
    if others:
        yield "also named", ", ".join(others)
    for stage, found in sorted(record.annotations.items()):
        yield stage, orjson.dumps(found).decode()
    known = record.article
    yield "source", known.source
    if known.authors:
        yield "by", ", ".join(known.authors)
    if known.section:
        yield "section", known.section
    if known.url:
        yield "url", known.url
    if known.published_at:
        yield "published", f"{known.published_at:%Y-%m-%d %H:%M} UTC"
    yield "cluster", record.duplicate.cluster_id
    yield "article", known.article_id
