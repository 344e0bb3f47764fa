"""A small newsroom's records, with what is hard to show: marks in marks, other directions, markup, copies."""

from __future__ import annotations

from datetime import timedelta

from pipeline.record import (
    Article,
    Duplicate,
    EnrichedArticle,
    Entity,
    Polarity,
    Provenance,
    Quote,
    QuoteKind,
    Relation,
    ResolvedBy,
    Speaker,
    Verdict,
)
from pipeline.stages.entities import entity_key
from tests.unit.stores.builders import NOON, span

_DAY = timedelta(days=1)

PIER = (
    "Pier burns 👩‍🚒\n\n“It burned for hours,” said Tom Reed of Reed Shipping. “Nobody in Fenmouth slept.”\n\n"
    "Ada Quill denied that the pier was unsafe."
)
AGAIN = PIER.replace("burned for hours", "burned for many hours") + "\n\nIt will be rebuilt."
HOSTILE = (
    "<script>alert(1)</script>\n\nقالت آدا كويل: “لن نبيع الميناء” أمس.\n\n"
    "<img src=x onerror=alert(2)> & \x07\x1b[31mred \u202eback"
)


def said(
    text: str,
    words: str,
    who: tuple[str, str] | None,
    *,
    polarity: Polarity = Polarity.ASSERTED,
    statement: str | None = None,
    kind: QuoteKind = QuoteKind.DIRECT,
) -> Quote:
    """A quote of `text`; `who` is the full name and the words that refer to them."""
    speaker = None
    if who:
        speaker = Speaker(**span(text, who[1]).model_dump(), name=who[0], resolved_by=ResolvedBy.NAME)
    return Quote(
        **span(text, words).model_dump(),
        kind=kind,
        speaker=speaker,
        polarity=polarity,
        statement=statement,
        confidence=0.9,
    )


def _named(text: str, *names: tuple[str, str]) -> tuple[Entity, ...]:
    return tuple(
        Entity(name=name, type=kind, key=entity_key(name, kind), mentions=(span(text, name),))
        for name, kind in names
    )


def _record(
    article_id: str,
    text: str,
    source: str,
    *,
    days: int = 0,
    url: str | None = None,
    language: str = "en",
    duplicate: Duplicate | None = None,
    entities: tuple[Entity, ...] = (),
    quotes: tuple[Quote, ...] = (),
) -> EnrichedArticle:
    time = NOON + days * _DAY
    return EnrichedArticle(
        article=Article(
            article_id=article_id,
            source=source,
            url=url,
            title=text.partition("\n")[0],
            text=text,
            language=language,
            published_at=time,
            ingested_at=time,
        ),
        duplicate=duplicate or Duplicate(verdict=Verdict.ORIGINAL, cluster_id=article_id),
        entities=entities,
        quotes=quotes,
        provenance=Provenance(pipeline_version="1"),
    )


def _pier(article_id: str, text: str, source: str, **options: object) -> EnrichedArticle:
    first = text[text.index("“It") : text.index("” said") + 1]
    return _record(
        article_id,
        text,
        source,
        entities=_named(
            text,
            ("Tom Reed", "PERSON"),
            ("Reed Shipping", "ORG"),
            ("Fenmouth", "GPE"),
            ("Ada Quill", "PERSON"),
        ),
        quotes=(
            said(text, first, ("Tom Reed", "Tom Reed"), statement="s1"),
            said(text, "“Nobody in Fenmouth slept.”", ("Tom Reed", "Tom Reed"), statement="s1"),
            said(
                text,
                "that the pier was unsafe",
                ("Ada Quill", "Ada Quill"),
                polarity=Polarity.DENIED,
                kind=QuoteKind.INDIRECT,
            ),
        ),
        **options,  # type: ignore[arg-type]
    )


def newsroom() -> list[EnrichedArticle]:
    """The records, in the order of arrival."""
    near = Duplicate(
        verdict=Verdict.UPDATE,
        cluster_id="pier",
        duplicate_of="pier",
        relation=Relation.UPDATE,
        jaccard=0.8,
        containment=0.9,
    )
    exact = Duplicate(verdict=Verdict.EXACT, cluster_id="pier", duplicate_of="pier", jaccard=1, containment=1)
    return [
        _pier("pier", PIER, "The Fen Courier", url="https://fen.example/pier"),
        _pier("pier again", AGAIN, "Isle Post", days=1, duplicate=near),
        _record("pier/copy?", PIER, "Wold Gazette", days=1, duplicate=exact),
        _record(
            "hostile",
            HOSTILE,
            "<b>Bold</b>",
            days=2,
            url="javascript:alert(3)",
            language="ar",
            entities=_named(HOSTILE, ("آدا كويل", "PERSON")),
            quotes=(said(HOSTILE, "“لن نبيع الميناء”", ("آدا كويل", "آدا كويل")),),
        ),
    ]
