"""An article as a page shows it: its text with marks, its statements, who and what is named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup, escape

from pipeline.exports.saying import SAID
from pipeline.record import EnrichedArticle, Entity, Polarity, Quote, ResolvedBy, Speaker, statements_of
from pipeline.web.console.marking import Mark, Open, Words, nested

_KINDS = {"PERSON": "person", "GPE": "place", "LOC": "place", "FAC": "place", "ORG": "organisation"}

RESOLVED = {
    ResolvedBy.NAME: "by the name itself",
    ResolvedBy.PRONOUN: "by a pronoun, through whom it stands for",
    ResolvedBy.TITLE: "by a title or a role",
    ResolvedBy.CONTINUATION: "since the words go on from a statement before",
    ResolvedBy.ORGANISATION: "by an organisation that speaks",
    ResolvedBy.ANONYMOUS: "by words that name nobody",
}

# Below U+0020 and the like: what a terminal would obey, and a browser leave out. Signs for them are shown in its place.
_SHOWN = {code: chr(0x2400 + code) for code in range(0x20) if chr(code) not in "\n\t"} | {0x7F: "␡"}


@dataclass(frozen=True, slots=True)
class _Shown:
    """What a mark looks like: the classes of its element, its own id, what it belongs to, and what hovering tells."""

    classes: str
    tip: str = ""
    name: str = ""
    statement: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement with its pieces. `anchors` are the ids of their marks."""

    name: str
    text: str
    kind: str
    polarity: Polarity
    verb: str
    speakers: tuple[Speaker, ...]
    how: tuple[str, ...]
    confidence: float
    cue: str | None
    anchors: tuple[str, ...]


def visible(text: str) -> str:
    """The text with signs in place of control characters, one for one."""
    return text.translate(_SHOWN)


def statements(record: EnrichedArticle) -> list[Statement]:
    """The statements of an article in the order of their first pieces."""
    return [
        Statement(
            name=f"s{number}",
            text=one.text,
            kind=one.kind.value,
            polarity=one.polarity,
            verb=SAID[one.polarity],
            speakers=one.speakers,
            how=tuple(dict.fromkeys(RESOLVED[speaker.resolved_by] for speaker in one.speakers)),
            confidence=one.confidence,
            cue=one.cue,
            anchors=tuple(f"q{piece}" for piece in one.numbers),
        )
        for number, one in enumerate(statements_of(record))
    ]


def entities_by_kind(record: EnrichedArticle) -> dict[str, list[Entity]]:
    """Who and what is named, by kind; those that are named most first."""
    found: dict[str, list[Entity]] = {kind: [] for kind in ("person", "organisation", "place", "other")}
    for entity in sorted(record.entities, key=lambda one: -len(one.mentions)):
        found[kind_of(entity.type)].append(entity)
    return {kind: some for kind, some in found.items() if some}


def kind_of(type: str) -> str:  # noqa: A002 - the word the record uses
    """The kind that an OntoNotes label belongs to."""
    return _KINDS.get(type, "other")


def marked_headline(record: EnrichedArticle) -> Markup:
    """The headline in the text as HTML, as `marked_text` gives it; empty where the text has none."""
    article = record.article
    return marked_text(record, 0, len(article.title or "") if article.body_start else 0)


def marked_body(record: EnrichedArticle) -> Markup:
    """What stands below the headline as HTML, as `marked_text` gives it."""
    return marked_text(record, record.article.body_start)


def marked_text(record: EnrichedArticle, start: int = 0, end: int | None = None) -> Markup:
    """`text[start:end]` as HTML: escaped, with an element for each quotation, name, speaker and cue."""
    parts: list[str] = []
    marks = [Mark(mark.start - start, mark.end - start, mark.what, mark.rank) for mark in _marks(record)]
    for event in nested(record.article.text[start:end], marks):
        match event:
            case Open(mark, continued):
                parts.append(_element(mark.what, continued=continued))
            case Words(text):
                parts.append(str(escape(visible(text))))
            case _:
                parts.append("</span>")
    return Markup("".join(parts))  # noqa: S704 - each part was escaped above


def _element(shown: _Shown, *, continued: bool) -> str:
    attributes = {
        "class": shown.classes,
        "id": "" if continued else shown.name,
        "title": shown.tip,
        "data-statement": shown.statement,
    }
    written = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items() if value)
    return f"<span{written}>"


def _marks(record: EnrichedArticle) -> Iterator[Mark[_Shown]]:
    for place, one in enumerate(statements_of(record)):
        name = f"s{place}"
        for number, quote in zip(one.numbers, one.pieces, strict=True):
            yield Mark(
                quote.start,
                quote.end,
                _Shown(f"quote {quote.kind} {quote.polarity}", _told(quote), f"q{number}", name),
                1,
            )
            if quote.cue:
                yield Mark(quote.cue.start, quote.cue.end, _Shown("cue", statement=name), 4)
            for speaker in quote.said_by:
                tip = f"{speaker.name}: found {RESOLVED[speaker.resolved_by]}"
                yield Mark(speaker.start, speaker.end, _Shown("speaker", tip, statement=name), 2)
    for entity in record.entities:
        kind = kind_of(entity.type)
        for mention in entity.mentions:
            yield Mark(mention.start, mention.end, _Shown(f"entity {kind}", _called(entity)), 3)


def _told(quote: Quote) -> str:
    names = " and ".join(speaker.name for speaker in quote.speakers) or (
        quote.speaker.name if quote.speaker else "nobody named"
    )
    return f"{names} {SAID[quote.polarity]} ({quote.kind}, {quote.confidence:.0%} sure)"


def _called(entity: Entity) -> str:
    return " · ".join(
        part for part in (entity.name, entity.type, entity.title, entity.role, entity.country) if part
    )
