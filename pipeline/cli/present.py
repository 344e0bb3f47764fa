"""One record as a person reads it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer
from rich.console import Group
from rich.padding import Padding
from rich.text import Text

from pipeline.cli.output import plain, stdout
from pipeline.exports.saying import unread
from pipeline.record import (
    PLACE_TYPES,
    EnrichedArticle,
    Polarity,
    QuoteKind,
    Statement,
    Verdict,
    statements_of,
)

_IN_OTHER_WORDS = frozenset((QuoteKind.INDIRECT, QuoteKind.MIXED))
_PLAINLY_SAID = frozenset(("said", "says", "say", "saying", "told", "tells", "added", "adds", "according to"))
"""Beside these a cue is shown: `attacked: the mayor for the delay` is no sentence without it."""

_VERDICT_STYLES = {
    Verdict.ORIGINAL: "green",
    Verdict.EXACT: "yellow",
    Verdict.NEAR: "yellow",
    Verdict.UPDATE: "cyan",
    Verdict.REVISION: "cyan",
}


ShowAll = Annotated[
    bool, typer.Option("--all", help="Statements that are less sure than PIPELINE_DISPLAY_CONFIDENCE too.")
]

_SAID = {
    Polarity.DENIED: "denied: ",
    Polarity.DOUBTED: "doubted: ",
    Polarity.HYPOTHETICAL: "may say: ",
    Polarity.ASKED: "asked: ",
    Polarity.REFUSED: "did not say: ",
}


def stated(text: str, polarity: str) -> str:
    """A statement with what its speaker has to do with it, where it is not simply asserted."""
    return _SAID.get(Polarity(polarity), "") + text


def show_record(
    record: EnrichedArticle, *, titles: dict[str, str] | None = None, least_confidence: float = 0.0
) -> None:
    """Print what was found in an article.

    Args:
        record: the record.
        titles: what to call other articles by their ids.
        least_confidence: statements that are less sure are left out.
    """
    stdout.print(
        Group(
            _headline(record, titles or {}),
            *(Padding(line, (0, 0, 0, 2), expand=False) for line in _lines(record, least_confidence)),
        )
    )


def _headline(record: EnrichedArticle, titles: dict[str, str]) -> Text:
    duplicate = record.duplicate
    line = plain(title_of(record), style="bold")
    line.append("  ").append(duplicate.verdict, style=_VERDICT_STYLES[duplicate.verdict])
    if duplicate.duplicate_of:
        line.append(" of ").append(plain(titles.get(duplicate.duplicate_of, duplicate.duplicate_of)))
        if duplicate.jaccard is not None and duplicate.containment is not None:
            line.append(
                f" (Jaccard {duplicate.jaccard:.2f}, containment {duplicate.containment:.2f})", style="dim"
            )
    return line


def _lines(record: EnrichedArticle, least_confidence: float) -> Iterator[Text]:
    if (why := unread(record.article)) is not None:
        yield plain(why, "yellow")
    groups = {
        "people": [entity.name for entity in record.entities if entity.type == "PERSON"],
        "places": [
            f"{entity.name} ({entity.country})" if entity.country else entity.name
            for entity in record.entities
            if entity.type in PLACE_TYPES
        ],
        "organisations": [entity.name for entity in record.entities if entity.type == "ORG"],
    }
    for name, found in groups.items():
        if found:
            yield Text(f"{name}: ", style="dim").append(plain(", ".join(found), style="not dim"))
    for statement in statements_of(record):
        if statement.confidence >= least_confidence:
            yield _statement(statement)


def _statement(statement: Statement) -> Text:
    names = " and ".join(speaker.name for speaker in statement.speakers)
    line = plain(names or "(nobody named)", style="magenta")
    line.append(f" [{statement.kind}] ", style="dim")
    cue = statement.pieces[0].cue
    if statement.polarity is Polarity.ASSERTED and statement.kind in _IN_OTHER_WORDS and cue:
        word = " ".join(cue.text.split())
        if word.lower() not in _PLAINLY_SAID:
            line.append(plain(f"{word}:", style="dim")).append(" ")
    return line.append(plain(stated(statement.text, statement.polarity)))


def title_of(record: EnrichedArticle) -> str:
    """The headline, or the beginning of the text."""
    return record.article.title or f"{record.article.text[:60]}…"
