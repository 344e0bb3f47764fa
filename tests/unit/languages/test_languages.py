"""A language is a package of tables; one without a pack passes, is counted, and loses nothing."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from dataclasses import fields
from importlib.metadata import EntryPoint

import pytest

from pipeline import languages, plugins
from pipeline.errors import SettingsError
from pipeline.languages import ENGLISH, Sex, installed, spoken
from pipeline.languages.speech import WordLists
from pipeline.plugins import Kind
from pipeline.record import EnrichedArticle
from pipeline.stages.entities import EntityStage
from pipeline.stages.quotes import QuoteStage
from pipeline.stages.quotes.decisions import Rule
from tests.unit.languages.tiny import TINY
from tests.unit.quotes.newsdesk import article


@pytest.fixture
def _fresh() -> Iterator[None]:
    installed.cache_clear()
    yield
    installed.cache_clear()


def _add(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    entries = [EntryPoint(name, value, Kind.LANGUAGE)]
    monkeypatch.setattr(plugins, "entry_points", lambda group: entries if group == Kind.LANGUAGE else [])


def _read(stage: QuoteStage | EntityStage, record: EnrichedArticle) -> EnrichedArticle:
    (outcome,) = stage([record])
    assert isinstance(outcome, EnrichedArticle), outcome
    return outcome


@pytest.mark.usefixtures("_fresh")
def test_a_second_language_costs_one_package(monkeypatch: pytest.MonkeyPatch) -> None:
    _add(monkeypatch, "qt", f"{TINY.package}:TINY")
    stage = QuoteStage()
    direct = _read(stage, article("“Veer klaar nu, veer klaar,” zeg Ann Li.", language="qt-XX"))
    assert [(q.text, q.speaker and q.speaker.name) for q in direct.quotes] == [
        ("“Veer klaar nu, veer klaar,”", "Ann Li")
    ]
    reported = _read(stage, article("Tom Vance meld dat het veer klaar is.", language="qt"))
    assert [(q.text, q.speaker and q.speaker.name) for q in reported.quotes] == [
        ("het veer klaar is", "Tom Vance")
    ]
    assert stage.take_counters() == {}


def test_the_words_of_one_language_say_nothing_in_another() -> None:
    stage = QuoteStage({"en": ENGLISH, "qt": TINY})
    assert _read(stage, article("Tom Vance said that the ferry is late.", language="qt")).quotes == ()
    assert _read(stage, article("Tom Vance said that the ferry is late.", language="en")).quotes != ()


@pytest.mark.parametrize("stage", [QuoteStage(), EntityStage()])
def test_a_language_without_a_pack_passes_and_is_counted(stage: QuoteStage | EntityStage) -> None:
    given = article("Li a dit : « Le bac est en retard. »", language="fr")
    assert _read(stage, given) == given
    assert _read(stage, given) == given
    without = article("Li a dit : « Le bac est en retard. »", language=None)
    assert _read(stage, without) == without
    counted = stage.take_counters()
    assert (counted["no_language_pack"], counted["no_language"]) == (2, 1)
    assert "no_language_pack" not in stage.take_counters()


def test_a_language_without_a_model_passes_the_entities_stage() -> None:
    given = article("Tom Vance zeg: het veer is klaar.", language="qt")
    stage = EntityStage(languages={"qt": TINY})
    assert _read(stage, given) == given
    assert stage.take_counters()["no_language_pack"] == 1


@pytest.mark.parametrize("tag", ["en", "en-GB", "EN_us"])
def test_a_language_is_known_by_the_first_part_of_its_tag(tag: str) -> None:
    assert spoken({"en": ENGLISH}, tag) is ENGLISH


@pytest.mark.usefixtures("_fresh")
@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("de", f"{TINY.package}:TINY", "no language of that code"),
        ("de", "collections:Counter", "no language of that code"),
        ("en", f"{TINY.package}:TINY", "name is taken"),
        ("de", "no_such_module:GERMAN", "can't be loaded"),
    ],
)
def test_a_package_that_adds_no_language_is_named_in_one_line(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, problem: str
) -> None:
    _add(monkeypatch, name, value)
    with pytest.raises(SettingsError, match=problem):
        languages.installed()


@pytest.mark.parametrize("language", [ENGLISH, TINY])
def test_a_language_goes_to_another_process_without_its_tables(language: languages.Language) -> None:
    assert language.speech.telling
    copy = pickle.loads(pickle.dumps(language))  # noqa: S301 - our own
    assert "speech" not in vars(copy)
    assert (copy.code, copy.speech.telling) == (language.code, language.speech.telling)


def test_every_list_of_the_rules_has_words_in_english() -> None:
    missing = [known.name for known in fields(WordLists) if not getattr(ENGLISH.speech, known.name)]
    assert missing == []


def test_every_list_in_the_tables_is_read() -> None:
    known = {known.name for known in fields(WordLists)}
    closed = {"determiners", "possessives", "pronouns", "relatives", "prepositions", "conjunctions"}
    closed |= {"subordinators", "auxiliaries", "adverbs"}
    assert ENGLISH.table("speech/words").keys() | ENGLISH.table("speech/roles").keys() == known | closed


def test_the_table_of_titles_does_not_contradict_itself() -> None:
    table, titles = ENGLISH.table("titles"), ENGLISH.titles
    assert set(table["male"].split()).isdisjoint(table["female"].split())
    for name in ("male", "female", "styles", "also_names"):
        assert titles.all | {"prime"} >= {word for word in table[name].split() if word.isascii()}, name
    for sex, noun in ((Sex.MALE, "male_nouns"), (Sex.FEMALE, "female_nouns")):
        told = {titles.sex[word] for word in getattr(ENGLISH.speech, noun) if word in titles.sex}
        assert told <= {sex}, noun


def test_every_confidence_is_of_a_rule() -> None:
    assert ENGLISH.speech.confidences.keys() - {"otherwise"} <= set(Rule)
