"""Texts made to cost much: all stages together take time that is linear in their length, and give true records."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime, timedelta

import pytest

from benchmarks.hostile_texts import KINDS
from pipeline.enricher import Enricher
from pipeline.record import EnrichedArticle
from pipeline.sources.limits import Limits
from pipeline.sources.records import from_record
from pipeline.stages.entities.stage import DEFAULT_MODEL
from tests.support.attacks import limited

LENGTH = 60_000
SECONDS = (
    8.0  # ten times what the slowest takes; before they were linear most took that for a tenth of the length
)

WORST = (
    "apostrophes in a name",
    "apostrophes, many names",
    "names, one surname, then it alone",
    "names, one surname, honorifics",
    "names, spellings",
    "names, nicknames",
    "organisations, abbreviations",
    "he, names",
    "quotes, said, a paragraph each",
    "accents heaped, to be sorted",
    "codes of HTML",
    "space '\\t'",
    "sign '='",
    "sign '\"'",
    "pair 'Aa\\u2019'",
)
OTHERS = random.Random(12).sample(
    sorted(kind for kind in KINDS.keys() - set(WORST) if KINDS[kind](100).strip()), 18
)


@pytest.fixture(scope="module")
def enricher() -> Enricher:
    made = Enricher(DEFAULT_MODEL, window=timedelta(days=3))
    enriched(made, "Ann Li said no.")
    return made


def enriched(enricher: Enricher, text: str, *, title: str | None = None) -> EnrichedArticle:
    fields = {"title": title, "body": text} if title else {"text": text}
    begin = time.process_time()
    with limited(2 * SECONDS):
        article = from_record(
            {"id": str(random.random()), "language": "en", **fields},
            limits=Limits(),
            source="The Harbour Post",
            now=lambda: datetime(2031, 1, 1, tzinfo=UTC),
        )
        [(_, record)] = enricher.enrich([article])
    assert isinstance(record, EnrichedArticle), record
    assert time.process_time() - begin < SECONDS
    return record


def check_spans(record: EnrichedArticle) -> None:
    text = record.article.text
    for entity in record.entities:
        for mention in entity.mentions:
            assert text[mention.start : mention.end].replace("\n", " ") == mention.text.replace("\n", " ")
    for quote in record.quotes:
        assert text[quote.start : quote.end] == quote.text


@pytest.mark.parametrize("kind", [*WORST, *OTHERS])
def test_a_hostile_text_costs_no_more_than_prose_of_its_length(enricher: Enricher, kind: str) -> None:
    check_spans(enriched(enricher, KINDS[kind](LENGTH)))


@pytest.mark.parametrize("kind", ["sign '('", "names, distinct", "accents heaped, to be sorted"])
def test_nor_does_a_hostile_headline(enricher: Enricher, kind: str) -> None:
    check_spans(enriched(enricher, "It rained.", title=KINDS[kind](LENGTH)))


def test_names_around_what_no_name_is_in_are_found_at_their_places(enricher: Enricher) -> None:
    heap = "(" * 5000
    text = f"Ann Lindqvist flew to Nairobi. {heap} Karl Brandvold flew to Oslo."
    record = enriched(enricher, text)
    names = {entity.name: entity.mentions[0].start for entity in record.entities}
    for name in ("Ann Lindqvist", "Nairobi", "Karl Brandvold", "Oslo"):
        assert names[name] == text.index(name)


def test_what_was_recognised_is_found_again_behind_what_is_read_of_an_article(enricher: Enricher) -> None:
    prose = KINDS["prose"](400_000)
    text = f"Ann Lindqvist flew to Nairobi.\n\n{prose}\n\nIn Nairobi nobody met Ann Lindqvist."
    record = enriched(enricher, text)
    places = {entity.name: [mention.start for mention in entity.mentions] for entity in record.entities}
    assert places["Ann Lindqvist"][-1] == text.rindex("Ann Lindqvist")
    assert places["Nairobi"][-1] == text.rindex("Nairobi")
