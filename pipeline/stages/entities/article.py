"""From the spans of an article's passages to its entities."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.models import Article, Entity, Span
from pipeline.stages.entities.canonicalise import grouped
from pipeline.stages.entities.clean import cleaned
from pipeline.stages.entities.countries import country_of
from pipeline.stages.entities.datelines import dateline
from pipeline.stages.entities.evidence import settled
from pipeline.stages.entities.headlines import in_headline, is_in_title_case
from pipeline.stages.entities.mentions import Mention
from pipeline.stages.entities.passages import Passage, passages, story
from pipeline.stages.entities.rediscover import rediscovered
from pipeline.stages.entities.spans import Spans
from pipeline.stages.entities.widen import widened


def entities_of(article: Article, cut: Sequence[Passage], spans: Sequence[Spans]) -> tuple[Entity, ...]:
    """The entities of an article, in the order of their first mentions."""
    text = story(article, cut)
    mentions = recognised(cut, spans)
    mentions = rediscovered(text, settled(text, mentions))
    mentions = settled(text, widened(text, mentions))
    entities = [
        Entity.model_construct(
            name=name,
            type=label,
            country=country_of(name, label),
            mentions=tuple(
                Span.model_construct(start=one.start, end=one.end, text=article.text[one.start : one.end])
                for one in group
            ),
        )
        for name, label, group in grouped(mentions)
    ]
    return tuple(sorted(entities, key=lambda entity: (entity.mentions[0].start, entity.mentions[0].end)))


def recognised(cut: Sequence[Passage], spans: Sequence[Spans]) -> list[Mention]:
    """What was recognised passage by passage, cleaned, with datelines read and headlines held against the body."""
    mentions: list[Mention] = []
    for passage, found in zip(cut, spans, strict=True):
        if not passage.is_headline:
            mentions += _in_paragraph(passage, found)
    for passage, found in zip(cut, spans, strict=True):
        if passage.is_headline:
            names = list(cleaned(passage.start, passage.text, found))
            if is_in_title_case(passage.text):
                names = in_headline(passage.start, passage.text, names, mentions)
            mentions += names
    return mentions


def _in_paragraph(passage: Passage, found: Spans) -> Iterator[Mention]:
    place_and_agency = list(dateline(passage.start, passage.text))
    yield from place_and_agency
    taken = max((mention.end for mention in place_and_agency), default=0)
    yield from (mention for mention in cleaned(passage.start, passage.text, found) if mention.start >= taken)


__all__ = ["entities_of", "passages"]
