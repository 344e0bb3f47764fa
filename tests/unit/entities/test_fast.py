"""The fast path gives what the library gives."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path
from typing import Any

import pytest
import spacy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from spacy.pipeline.ner import DEFAULT_NER_MODEL

from pipeline.errors import SettingsError
from pipeline.stages.entities import EntityStage
from pipeline.stages.entities.fast import encode
from pipeline.stages.entities.fast.engine import FastRecogniser, UnknownModelError, library_spans
from pipeline.stages.entities.recognise import Recogniser, load
from pipeline.stages.entities.stage import DEFAULT_MODEL

WORDS = (
    *(
        "Maria",
        "Lindqvist",
        "Oslo",
        "Nairobi",
        "U.S.",
        "The",
        "of",
        "and",
        "said",
        "told",
        "€",
        "$4.2",
        "million",
    ),
    *(
        "12%",
        "March",
        "2031",
        "Monday",
        "“",
        "”",
        ",",
        ".",
        ";",
        "-",
        "—",
        "'",
        "’s",
        "Brightwater",
        "Holdings",
    ),
    *(
        "Inc.",
        "European",
        "Central",
        "Bank",
        "Mr.",
        "Dr.",
        "O'Hale",
        "first",
        "three",
        "hours",
        "Kenyan",
        "French",
    ),
    *("x\xa0y", "?", "!", "(", ")", "\t", "6am"),
)

texts = st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join)


@pytest.fixture(scope="module")
def nlp() -> Any:
    return load(DEFAULT_MODEL, "en")


@pytest.fixture(scope="module")
def untouched() -> Any:
    """The library's tokeniser as it comes."""
    return spacy.blank("en").tokenizer


@pytest.fixture(scope="module")
def fast(nlp: Any) -> FastRecogniser:
    return FastRecogniser(nlp)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(texts | st.text(max_size=80), max_size=6))
def test_spans_are_those_of_the_library(nlp: Any, fast: FastRecogniser, batch: list[str]) -> None:
    assert fast(batch) == library_spans(nlp, batch)


_SIGNS = (
    *(
        "a",
        "B",
        ".",
        "...",
        "'",
        "'s",
        "’s",
        '"',
        "”",
        "(",
        ")",
        "km",
        "US$",
        "9",
        "%",
        "-",
        "--",
        "—",
        "=",
        "/",
    ),
    *("http://", "a.b", "°C.", "+", "😀", ":)", "8", "!", "é", "中", "。", "AB."),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from(_SIGNS), st.sampled_from((1, 1, 1, 3, 50))).map(
            lambda one: one[0] * one[1]
        ),
        max_size=40,
    ).map("".join)
)
def test_tokens_of_any_stretch_are_those_of_the_library(nlp: Any, untouched: Any, stretch: str) -> None:
    assert [token.text for token in nlp.make_doc(stretch)] == [token.text for token in untouched(stretch)]


def test_the_company_that_a_text_keeps_makes_no_difference(fast: FastRecogniser) -> None:
    lines = [
        f"{name} of Brightwater Holdings flew to Oslo on day {day}."
        for day in range(400)
        for name in ("Ann", "Bo")
    ]
    assert fast(lines) == [spans for line in lines for spans in fast([line])]


def test_entities_without_an_end_are_those_of_the_library(nlp: Any, fast: FastRecogniser) -> None:
    lines = [
        "The " + f"{sign} " * 900 + "of Oslo."
        for sign in ("Hale", "of the", "Ballad", "🙂", "1", "€ 1", "'s", "A")
    ]
    lines += ["“The Ballad of " + "the Old Harbour Bridge and " * 80 + "Mill”", "三" * 700, "漢 字" * 400]
    assert fast(lines) == library_spans(nlp, lines)
    assert any(end - start > 200 for spans in fast(lines) for start, end, _ in spans)


def test_a_full_table_of_words_is_begun_anew(nlp: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encode, "_WORDS_AT_MOST", 60)
    monkeypatch.setattr(encode, "_FREQUENT", 20)  # most are rare words, whose products are made anew
    small = FastRecogniser(nlp)
    lines = [f"Maria Lindqvist{number} met {number} ministers in Nairobi." for number in range(30)]
    assert [small([line])[0] for line in lines] == library_spans(nlp, lines)


@pytest.fixture(params=[{"use_upper": False}, {"extra_state_tokens": True}], ids=str)
def unknown_model(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A recogniser of another architecture, untrained."""
    nlp = spacy.blank("en")
    ner = nlp.add_pipe("ner", config={"model": {**DEFAULT_NER_MODEL, **request.param}})
    ner.add_label("PERSON")
    ner.add_label("GPE")
    nlp.initialize()
    nlp.to_disk(tmp_path / "model")
    return tmp_path / "model"


def test_a_model_of_another_kind_takes_the_librarys_path(unknown_model: Path) -> None:
    nlp = load(str(unknown_model), "en")
    with pytest.raises(UnknownModelError):
        FastRecogniser(nlp)
    recogniser = Recogniser(str(unknown_model), language="en", cache_paragraphs=10)
    lines = ["Maria Lindqvist flew to Oslo.", "Nobody came."]
    assert recogniser.engine.startswith("library: ")
    assert EntityStage(str(unknown_model)).engine == recogniser.engine
    assert recogniser.spans(lines) == library_spans(nlp, lines)


def test_results_unlike_the_librarys_are_found_out(nlp: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encode, "_EPSILON", 5.0)
    with pytest.raises(UnknownModelError, match="other vectors"):
        FastRecogniser(nlp)


def test_a_pipeline_without_a_recogniser_is_refused_in_one_line(tmp_path: Path) -> None:
    spacy.blank("en").to_disk(tmp_path / "blank")
    with pytest.raises(SettingsError, match="recognises no entities"):
        EntityStage(str(tmp_path / "blank")).warm_up()


def test_the_usual_model_takes_the_fast_path_and_its_cache_forgets_the_oldest() -> None:
    recogniser = Recogniser(DEFAULT_MODEL, language="en", cache_paragraphs=2)
    assert recogniser.engine == "fast"
    for text in ("One.", "Two.", "One.", "Three.", "One.", "Two."):
        recogniser.spans([text])
    assert (recogniser.hits, recogniser.misses) == (2, 4)


def test_a_broken_model_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "meta.json").write_text("{", encoding="utf-8")
    with pytest.raises(
        SettingsError, match=r"^entity model .* cannot be used \(.*\): install it again"
    ) as refused:
        EntityStage(str(tmp_path)).warm_up()
    assert "\n" not in str(refused.value)


def test_a_model_whose_vectors_have_another_width_is_refused_in_one_line(tmp_path: Path) -> None:
    package = Path(str(importlib.util.find_spec(DEFAULT_MODEL).origin)).parent  # type: ignore[union-attr]
    [installed] = [found.parent for found in package.glob("*/config.cfg")]
    copied = tmp_path / "model"
    shutil.copytree(installed, copied)
    other = spacy.blank("en").vocab.vectors
    other.resize((2, 7))
    other.to_disk(copied / "vocab")
    with pytest.raises(SettingsError, match="cannot be used"):
        EntityStage(str(copied)).warm_up()
