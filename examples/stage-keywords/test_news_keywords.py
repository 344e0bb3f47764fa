from __future__ import annotations

from datetime import UTC, datetime

import pytest
from news_keywords import MOST, KeywordStage

from pipeline.record import Article, EnrichedArticle
from pipeline.stages.base import begun


def record(text: str, language: str | None = "en") -> EnrichedArticle:
    taken_in = datetime(2026, 3, 1, 12, tzinfo=UTC)
    return begun(
        Article(article_id="a1", source="gazette", text=text, language=language, ingested_at=taken_in)
    )


def keywords(text: str, language: str | None = "en") -> object:
    (outcome,) = KeywordStage()([record(text, language)])
    assert isinstance(outcome, EnrichedArticle)
    return outcome.annotations.get("keywords")


def test_the_most_frequent_words_come_first_and_common_ones_not_at_all() -> None:
    text = "The ferry was late. The harbour waited for the ferry, and the Ferry was not there; the harbour closed."
    assert keywords(text) == ["ferry", "harbour", "late", "waited", "closed"]


def test_there_are_at_most_so_many() -> None:
    assert (
        keywords("alpha beta gamma delta epsilon zeta eta")
        == ["alpha", "beta", "gamma", "delta", "epsilon"][:MOST]
    )


@pytest.mark.parametrize("language", ["de", None])
def test_other_languages_pass_through(language: str | None) -> None:
    assert keywords("Die Fähre war zu spät.", language) is None
