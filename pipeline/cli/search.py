"""`pipeline quotes`, `articles`, `entities`, `clusters`: the newsroom's questions to the store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import asdict, fields
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from pipeline.cli.choices import check_choices
from pipeline.cli.output import AsJson, plain, print_json, print_table, say, stdout, write_line
from pipeline.cli.present import ShowAll, stated
from pipeline.cli.times import FORMS, moment
from pipeline.errors import UsageError
from pipeline.exports.csvtable import csv_lines
from pipeline.record import ENTITY_TYPES, Polarity, QuoteKind, Verdict
from pipeline.settings import Settings
from pipeline.stores import curated_aliases
from pipeline.stores.base import configured_store, searches_of
from pipeline.stores.questions import ArticleQuestion, FoundArticle, StatementQuestion
from pipeline.stores.reader import StoreReader, open_store
from pipeline.stores.searches import (
    Alias,
    Cluster,
    CuratedAlias,
    FoundQuote,
    Member,
    NamingArticle,
    TopEntity,
    related,
)
from pipeline.text.changes import Changes, changes

Since = Annotated[
    datetime | None,
    typer.Option(parser=moment, metavar="TIME", help=f"Published at or after this time (UTC): {FORMS}."),
]
Until = Annotated[
    datetime | None, typer.Option(parser=moment, metavar="TIME", help="Published before this time (UTC).")
]
Limit = Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")]
Sources = Annotated[list[str] | None, typer.Option(help="Of this outlet; may be repeated.")]
Verdicts = Annotated[
    list[Verdict] | None, typer.Option(help="What they are to the articles before them; may be repeated.")
]
Languages = Annotated[
    list[str] | None, typer.Option(metavar="CODE", help="In this language (en); may be repeated.")
]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print CSV with a head instead of a table.")]
Type = Annotated[
    str | None, typer.Option(metavar="LABEL", help="Only of this type: PERSON, ORG, GPE, LOC, NORP, …")
]


def quotes(
    *,
    speaker: Annotated[str | None, typer.Option(help="Who said it: a full name, or a surname.")] = None,
    about: Annotated[
        str | None, typer.Option(help='Words and "phrases" in the statement or around it.')
    ] = None,
    polarity: Annotated[
        list[Polarity] | None, typer.Option(help="Only what is asserted, denied, doubted …; may be repeated.")
    ] = None,
    kind: Annotated[
        list[QuoteKind] | None, typer.Option(help="How the words are reported; may be repeated.")
    ] = None,
    source: Sources = None,
    confidence: Annotated[
        float | None, typer.Option(min=0, max=1, help="Only what is at least so sure, in place of the usual.")
    ] = None,
    everything: ShowAll = False,
    since: Since = None,
    until: Until = None,
    limit: Limit = 20,
    as_csv: AsCsv = False,
    as_json: AsJson = False,
) -> None:
    """Find who said what, the latest first; the same words in many copies are shown once, with their number."""
    usual = 0.0 if everything else Settings.load().display_confidence
    question = StatementQuestion(
        speaker=speaker,
        about=about,
        polarities=tuple(polarity or ()),
        kinds=tuple(kind or ()),
        least_confidence=usual if confidence is None else confidence,
        sources=tuple(source or ()),
        since=since,
        until=until,
    )
    found = open_store().statements(question, limit=limit)
    if as_json or as_csv:
        _print_records(FoundQuote, found, as_csv=as_csv)
        return
    _print_table(
        ("time", "speaker", "statement", "copies #", "first in", "article"),
        (
            (
                _time(quote.time),
                quote.speaker,
                stated(quote.text, quote.polarity),
                quote.copies,
                quote.source,
                quote.article_id,
            )
            for quote in found
        ),
        nothing=_nothing("no such statement is stored", speaker),
    )


def articles(
    *,
    naming: Annotated[
        str | None, typer.Option(metavar="NAME", help="Whom or what they name, in full or in short.")
    ] = None,
    type: Type = None,  # noqa: A002 - the option's name
    words: Annotated[str | None, typer.Option(help='Words and "phrases" of the text.')] = None,
    source: Sources = None,
    verdict: Verdicts = None,
    language: Languages = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = 20,
    as_csv: AsCsv = False,
    as_json: AsJson = False,
) -> None:
    """List articles, the latest first: all of them, or those that name somebody, have these words, and so on."""
    if naming is not None and not naming.strip():
        raise UsageError("--naming: give a name")
    question = ArticleQuestion(
        words=words,
        naming=naming,
        sources=tuple(source or ()),
        verdicts=tuple(verdict or ()),
        languages=tuple(language or ()),
        since=since,
        until=until,
    )
    if naming is None or words or source or verdict or language:
        if type:
            raise UsageError("--type goes with --naming and a time alone")
        _show_found(question, limit=limit, as_csv=as_csv, as_json=as_json)
        return
    found = open_store().articles(naming, type=_label(type), since=since, until=until, limit=limit)
    if as_json or as_csv:
        _print_records(NamingArticle, found, as_csv=as_csv)
        return
    _print_table(
        ("time", "headline", "source", "verdict", "as", "mentions #", "article"),
        (
            (
                _time(article.time),
                article.title,
                article.source,
                article.verdict,
                ", ".join(article.names),
                article.mentions,
                article.article_id,
            )
            for article in found
        ),
        nothing=_nothing("no stored article names that", naming),
    )


def _show_found(question: ArticleQuestion, *, limit: int, as_csv: bool, as_json: bool) -> None:
    found = open_store().find_articles(question, limit=limit)
    if as_json or as_csv:
        _print_records(FoundArticle, found, as_csv=as_csv)
        return
    _print_table(
        ("time", "headline", "source", "language", "verdict", "article"),
        (
            (_time(one.time), one.title or one.opening, one.source, one.language, one.verdict, one.article_id)
            for one in found
        ),
        nothing=_nothing("no such article is stored", question.naming),
    )


def entities(
    *,
    top: Annotated[int, typer.Option(min=1, max=10_000, help="So many.")] = 20,
    as_csv: AsCsv = False,
    type: Type = None,  # noqa: A002 - the option's name
    alias: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Show what this name stands for, and what stands for it."),
    ] = None,
    means: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Say that --alias stands for this (--type ORG by default)."),
    ] = None,
    means_not: Annotated[
        str | None, typer.Option(metavar="NAME", help="Say that --alias does not stand for this.")
    ] = None,
    aliases_from: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Load aliases from a TOML file: docs/store.md#aliases."),
    ] = None,
    since: Since = None,
    until: Until = None,
    as_json: AsJson = False,
) -> None:
    """List who and what is named in most articles, or show and mend what short names stand for."""
    if means or means_not or aliases_from:
        said = _said(alias, means, means_not, _label(type) or "ORG")
        said += curated_aliases.load(aliases_from) if aliases_from else []
        with closing(configured_store(Settings.load())) as store:
            searches_of(store).curate(said)
        say(f"{len(said)} aliases kept")
    if alias is not None:
        _show_aliases(open_store().aliases(alias, type=_label(type)), alias, as_json=as_json)
    elif not aliases_from:
        found = open_store().entities(type=_label(type), since=since, until=until, limit=top)
        if as_json or as_csv:
            _print_records(TopEntity, found, as_csv=as_csv)
            return
        _print_table(
            ("name", "type", "country", "articles #", "mentions #"),
            (
                (entity.name, entity.type, entity.country, entity.articles, entity.mentions)
                for entity in found
            ),
            nothing="no entity is stored",
        )


def _said(alias: str | None, means: str | None, means_not: str | None, type: str) -> list[CuratedAlias]:  # noqa: A002 - as the option
    if (means or means_not) and not alias:
        raise UsageError("--means and --means-not say what --alias NAME stands for: name it")
    pairs = ((means, True), (means_not, False))
    return [CuratedAlias(alias, name, type, is_same=same) for name, same in pairs if name and alias]


def _show_aliases(found: Sequence[Alias], name: str, *, as_json: bool) -> None:
    if as_json:
        _print_lines(asdict(one) for one in found)
        return
    _print_table(
        ("alias", "stands for", "type", "articles #", "of #", "standing"),
        ((one.alias, one.name, one.type, one.articles, one.of, one.standing) for one in found),
        nothing=_nothing("no article calls anything so beside its own name", name),
    )


def _nothing(what: str, name: str | None) -> Callable[[], str]:
    """What is said where nothing is found, with the names that may have been meant."""
    return lambda: f"{what}{did_you_mean(open_store(), name)}"


def did_you_mean(store: StoreReader, name: str | None) -> str:
    """What is said behind that nothing was found: the stored names that are spelt most like one; maybe nothing."""
    nearest = store.nearest_names(name) if name else []
    return f": did you mean {' or '.join(nearest)}?" if nearest else ""


def clusters(
    cluster: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="A cluster, or any article in it: show its members.")
    ] = None,
    *,
    since: Since = None,
    until: Until = None,
    limit: Limit = 20,
    as_csv: AsCsv = False,
    as_json: AsJson = False,
) -> None:
    """List the stories that most outlets carry, or show one: its members, and what changed between them."""
    if cluster is not None:
        _show_cluster(open_store(), cluster, limit=limit, as_json=as_json)
        return
    found = open_store().clusters(since=since, until=until, limit=limit)
    if as_json or as_csv:
        _print_records(Cluster, found, as_csv=as_csv)
        return
    _print_table(
        ("articles #", "sources #", "first", "last", "headline", "cluster"),
        (
            (one.members, one.sources, _time(one.first), _time(one.last), one.title, one.cluster_id)
            for one in found
        ),
        nothing="no story is stored twice",
    )


def _show_cluster(store: StoreReader, identifier: str, *, limit: int, as_json: bool) -> None:
    found = store.cluster(identifier, limit=limit)
    if found is None:
        raise UsageError(f"{identifier}: no such cluster or article is stored: see `pipeline clusters`")
    cluster_id, members = found
    canonical, *others = members
    against = {member.article_id: changes(canonical.text, member.text) for member in others}
    if as_json:
        _print_lines(
            {
                "cluster_id": cluster_id,
                **asdict(member),
                **asdict(against.get(member.article_id, Changes((), ()))),
            }
            for member in members
        )
        return
    _print_table(
        ("", "time", "headline", "source", "verdict", "relation", "similarity", "+ #", "- #", "article"),
        (_member_row(member, depth, against.get(member.article_id)) for member, depth in related(members)),
        nothing="",
        title=f"cluster {cluster_id}: * is the article that stands for the story, with + and - against it; below each "
        "article what was matched to it",
    )
    for member in others:
        _print_changes(member, against[member.article_id])


def _member_row(member: Member, depth: int, found: Changes | None) -> Sequence[object]:
    similarity = [
        f"{name} {value:.2f}"
        for name, value in (("J", member.jaccard), ("C", member.containment))
        if value is not None
    ]
    return (
        "*" if member.canonical else "",
        _time(member.time),
        f"{'  ' * (depth - 1)}└ {member.title or ''}" if depth else member.title,
        member.source,
        member.verdict,
        member.relation,
        " ".join(similarity),
        len(found.added) if found else "",
        len(found.removed) if found else "",
        member.article_id,
    )


def _print_changes(member: Member, found: Changes) -> None:
    if not (found.added or found.removed):
        return
    stdout.print()
    stdout.print(plain(f"{member.source}: {member.title or member.article_id}", style="bold"))
    lines = Table.grid(padding=(0, 1, 0, 0))
    lines.add_column(width=3, justify="right")
    for sign, style, sentences in (("-", "red", found.removed), ("+", "green", found.added)):
        for sentence in sentences:
            lines.add_row(Text(sign, style=style), plain(sentence))
    stdout.print(lines)


def _label(type: str | None) -> str | None:  # noqa: A002 - as the option
    if not type:
        return None
    check_choices("--type", [type.upper()], ENTITY_TYPES)
    return type.upper()


def _time(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M}"


def _print_lines(records: Iterable[dict[str, Any]]) -> None:
    for record in records:
        print_json({name: _json_value(value) for name, value in record.items()})


def _print_records(kind: type[Any], found: Iterable[Any], *, as_csv: bool) -> None:
    """What a search found, with all fields: as CSV with a head, or a JSON object a line."""
    if not as_csv:
        _print_lines(asdict(one) for one in found)
        return
    names = [field.name for field in fields(kind)]
    for line in csv_lines(names, ([getattr(one, name) for name in names] for one in found)):
        write_line(line.removesuffix("\r\n").encode())


def _json_value(value: Any) -> Any:
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value


def _print_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    nothing: str | Callable[[], str],
    title: str | None = None,
) -> None:
    lines = list(rows)
    if lines:
        print_table(columns, lines, title=title)
    else:
        say(nothing if isinstance(nothing, str) else nothing())
