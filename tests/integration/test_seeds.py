"""What is found in the project's own articles, against what a person found in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from pipeline.enricher import Enricher
from pipeline.record import EnrichedArticle, Quote
from pipeline.text.marks import QUOTATION
from tests.unit.sources.test_seeds import _ARTICLES, _GOLD

_LEAST_FOUND = 0.98
_LEAST_HOLDERS = 0.92
_AROUND = QUOTATION + " ,."

Pair = tuple[dict[str, Any], Quote | None]


@pytest.fixture(scope="module")
def pairs() -> list[Pair]:
    """Each statement of the gold, with the shortest record that holds its words."""
    names = [name for name, gold in _GOLD.items() if gold["language"] == "en"]
    enricher = Enricher.load(stages=["entities", "quotes"])
    found: list[Pair] = []
    for name, (_, record) in zip(names, enricher.enrich([_ARTICLES[name] for name in names]), strict=True):
        assert isinstance(record, EnrichedArticle)
        found += (
            (gold, min(_holding(gold["text"], record), key=lambda one: len(one.text), default=None))
            for gold in _GOLD[name]["quotes"]
        )
    return found


def _holding(words: str, record: EnrichedArticle) -> Iterator[Quote]:
    wanted = words.strip(_AROUND).lower()
    return (quote for quote in record.quotes if wanted in quote.text.lower())


def test_the_statements_of_the_seeds_are_found(pairs: list[Pair]) -> None:
    missed = [gold["text"] for gold, quote in pairs if quote is None]
    assert len(missed) <= (1 - _LEAST_FOUND) * len(pairs), missed


def test_the_statements_of_the_seeds_are_given_to_whoever_made_them(pairs: list[Pair]) -> None:
    sourced = [(gold, quote) for gold, quote in pairs if gold["speaker"] and quote is not None]
    wrong = [
        (gold["speaker"], quote.speaker and quote.speaker.name, gold["text"])
        for gold, quote in sourced
        if quote is not None
        and gold["speaker"] not in {one.name for one in (quote.speaker, *quote.speakers) if one is not None}
    ]
    assert len(wrong) <= (1 - _LEAST_HOLDERS) * len(sourced), wrong
