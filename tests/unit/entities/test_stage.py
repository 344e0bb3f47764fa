"""The stage as the pipeline calls it."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
import spacy
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.errors import Reason, SettingsError
from pipeline.languages import ENGLISH
from pipeline.record import EnrichedArticle
from pipeline.stages.base import Rejection
from pipeline.stages.entities import EntityStage
from pipeline.stages.entities.article import entities_of
from pipeline.stages.entities.passages import passages
from pipeline.stages.entities.spans import Spans

from .conftest import record

TEXT = "Maria Lindqvist met officials in Nairobi on Monday.\n\nKenya welcomed Ms Lindqvist."


def test_mentions_are_ranges_of_the_text_in_order_of_first_mention(stage: EntityStage) -> None:
    [outcome] = stage([record(TEXT, title="Envoy Maria Lindqvist visits Kenya")])
    assert isinstance(outcome, EnrichedArticle)
    text = outcome.article.text
    assert outcome.entities
    for entity in outcome.entities:
        assert [mention.text for mention in entity.mentions] == [
            text[m.start : m.end] for m in entity.mentions
        ]
    firsts = [entity.mentions[0].start for entity in outcome.entities]
    assert firsts == sorted(firsts)


def test_the_record_says_which_model_it_was(stage: EntityStage) -> None:
    [outcome] = stage([record(TEXT)])
    assert isinstance(outcome, EnrichedArticle)
    assert outcome.provenance.entity_model == stage.model_name
    assert stage.model_name == "en_core_web_md 3.7.1"


@pytest.mark.parametrize("language", [None, "de", "zh-Hans"])
def test_other_and_unknown_languages_pass_through_untouched(stage: EntityStage, language: str | None) -> None:
    given = record(TEXT, language=language)
    assert stage([given]) == [given]


@pytest.mark.parametrize("language", ["en", "en-GB", "EN_us"])
def test_english_is_read_in_all_its_varieties(stage: EntityStage, language: str) -> None:
    [outcome] = stage([record(TEXT, language=language)])
    assert isinstance(outcome, EnrichedArticle)
    assert outcome.entities


def test_one_bad_article_is_rejected_alone(stage: EntityStage) -> None:
    good = record(TEXT)
    bad = good.model_copy(update={"article": good.article.model_copy(update={"text": 7})})
    first, second, third = stage([good, bad, good])
    assert isinstance(first, EnrichedArticle)
    assert isinstance(second, Rejection)
    assert second.reason is Reason.STAGE_ERROR
    assert third == first


def test_a_batch_may_be_empty(stage: EntityStage) -> None:
    assert stage([]) == []


def test_a_missing_model_is_one_clear_line_with_its_fix() -> None:
    with pytest.raises(
        SettingsError, match=r"'no_such_model' is not installed.*PIPELINE_SPACY_MODEL"
    ) as caught:
        EntityStage("no_such_model").warm_up()
    assert "\n" not in str(caught.value)


def test_a_pickled_stage_is_small_and_works_as_before(stage: EntityStage) -> None:
    packed = pickle.dumps(stage)
    assert len(packed) < 1000
    copy = pickle.loads(packed)  # noqa: S301 - our own bytes
    assert copy.take_counters() == {"cache_hits": 0, "cache_misses": 0}


def test_a_second_copy_is_answered_from_the_cache(stage: EntityStage) -> None:
    text = "Olga Brandvold spoke.\n\nThe Ferrycross Council listened."
    stage.take_counters()
    first = stage([record(text)])
    assert stage.take_counters() == {"cache_hits": 0, "cache_misses": 2}
    assert stage([record(text)]) == first
    assert stage.take_counters() == {"cache_hits": 2, "cache_misses": 0}
    assert stage.take_counters() == {"cache_hits": 0, "cache_misses": 0}


def _within(length: int, marked: list[tuple[int, int, str]]) -> Spans:
    """Those that fit in a text of this length, one after the other."""
    spans: list[tuple[int, int, str]] = []
    for start, size, label in sorted(marked):
        if (not spans or spans[-1][1] <= start) and start < length:
            spans.append((start, min(start + size, length), label))
    return tuple(spans)


@example("Hale saw `S there.", [(9, 2, "ORG")])
@given(
    st.text(alphabet="aZé`'’.,-–( )s&1\n", min_size=1, max_size=60),
    st.lists(
        st.tuples(st.integers(0, 60), st.integers(1, 12), st.sampled_from(["PERSON", "ORG", "GPE"])),
        max_size=6,
    ),
)
def test_whatever_is_marked_as_a_name_entities_are_made_of_stand_in_the_text(
    text: str, marked: list[tuple[int, int, str]]
) -> None:
    article = record(text).article
    cut = passages(article, ENGLISH.names)
    spans = [_within(len(passage.text), marked) for passage in cut]
    for entity in entities_of(article, cut, spans, ENGLISH.names):
        assert all(text[mention.start : mention.end] == mention.text for mention in entity.mentions)


def test_a_model_of_another_language_is_refused_in_one_line(tmp_path: Path) -> None:
    nlp = spacy.blank("de")
    nlp.add_pipe("ner").add_label("PER")
    nlp.initialize()
    nlp.to_disk(tmp_path / "german")
    with pytest.raises(SettingsError, match="is for the language 'de', and what it is to read is in 'en'"):
        EntityStage(str(tmp_path / "german")).warm_up()
