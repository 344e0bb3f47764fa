"""From the spans of an article's passages to its entities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.models import Article, Entity, Span
from pipeline.stages.entities.canonicalise import grouped
from pipeline.stages.entities.clean import cleaned
from pipeline.stages.entities.countries import country_of
from pipeline.stages.entities.evidence import settled
from pipeline.stages.entities.mentions import Mention
from pipeline.stages.entities.rediscover import rediscovered
from pipeline.stages.entities.spans import Spans
from pipeline.stages.paragraphs import paragraphs


@dataclass(frozen=True, slots=True)
class Passage:
    """What the model reads at once: the headline or a paragraph, from `start` of the article's text.

    `text` has as many code points as its stretch of the article; line breaks in it are spaces.
    """

    start: int
    text: str


def passages(article: Article) -> list[Passage]:
    """The headline, if there is one, and the paragraphs of the body."""
    text, body = article.text, article.body_start
    headline = text[:body].strip()
    cut = [Passage(text.index(headline), headline)] if headline else []
    return cut + [
        Passage(body + start, text[body + start : body + end].replace("\n", " "))
        for start, end in paragraphs(text[body:])
    ]


def entities_of(article: Article, cut: Sequence[Passage], spans: Sequence[Spans]) -> tuple[Entity, ...]:
    """The entities of an article, in the order of their first mentions."""
    mentions: list[Mention] = []
    for passage, found in zip(cut, spans, strict=True):
        mentions += cleaned(passage.start, passage.text, found)
    mentions = settled(article.text, rediscovered(article.text, settled(article.text, mentions)))
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
