"""One record as a person reads it."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group
from rich.padding import Padding
from rich.text import Text

from pipeline.cli.output import plain, stdout
from pipeline.record import EnrichedArticle, Quote, Verdict

_VERDICT_STYLES = {
    Verdict.ORIGINAL: "green",
    Verdict.EXACT: "yellow",
    Verdict.NEAR: "yellow",
    Verdict.UPDATE: "cyan",
    Verdict.REVISION: "cyan",
}
_PLACES = {"GPE", "LOC", "FAC"}


def show_record(record: EnrichedArticle, *, titles: dict[str, str] | None = None) -> None:
    """Print what was found in an article.

    Args:
        record: the record.
        titles: what to call other articles by their ids.
    """
    stdout.print(
        Group(
            _headline(record, titles or {}),
            *(Padding(line, (0, 0, 0, 2), expand=False) for line in _lines(record)),
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


def _lines(record: EnrichedArticle) -> Iterator[Text]:
    groups = {
        "people": [entity.name for entity in record.entities if entity.type == "PERSON"],
        "places": [
            f"{entity.name} ({entity.country})" if entity.country else entity.name
            for entity in record.entities
            if entity.type in _PLACES
        ],
        "organisations": [entity.name for entity in record.entities if entity.type == "ORG"],
    }
    for name, found in groups.items():
        if found:
            yield Text(f"{name}: ", style="dim").append(plain(", ".join(found), style="not dim"))
    for quote in record.quotes:
        yield _quote(quote)


def _quote(quote: Quote) -> Text:
    line = plain(quote.speaker.name if quote.speaker else "(nobody named)", style="magenta")
    line.append(f" [{quote.kind}] ", style="dim")
    return line.append(plain(quote.text))


def title_of(record: EnrichedArticle) -> str:
    """The headline, or the beginning of the text."""
    return record.article.title or f"{record.article.text[:60]}…"
