from __future__ import annotations

import pickle
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from pydantic import JsonValue

from pipeline.errors import Reason, SettingsError
from pipeline.flow import FLOW, Flow
from pipeline.record import EnrichedArticle
from pipeline.settings import Settings
from pipeline.stages.annotations import Annotator, Plugged
from pipeline.stages.base import Outcome, Rejection, Stage
from pipeline.stages.chain import Chain
from pipeline.stages.registry import registry
from tests.unit.builders import record


class Words(Annotator):
    name = "words"

    def annotate(self, record: EnrichedArticle) -> JsonValue:
        if "none" in record.article.text:
            return None
        if "boom" in record.article.text:
            raise ZeroDivisionError("boom")
        return len(record.article.text.split())

    def take_counters(self) -> Mapping[str, int]:
        return {"read": 1}

    def time_limit(self, usual: float) -> float:
        return usual / 2


class Twice(Annotator):
    name = "twice"
    needs = ("words",)

    def annotate(self, record: EnrichedArticle) -> JsonValue:
        words = record.annotations["words"]
        assert isinstance(words, int)
        return 2 * words


class Late(Words):
    name = "late"
    needs = ("quotes",)


class Careless(Stage):
    """Takes no care of bad items, and changes what is not its own."""

    name = "careless"

    def __call__(self, batch: Sequence[EnrichedArticle]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        for item in batch:
            match item.article.text:
                case "boom":
                    raise ZeroDivisionError("boom")
                case "quotes":
                    outcomes.append(
                        item.model_copy(update={"quotes": ()} | {"entities": (*item.entities, 1)})
                    )
                case "other":
                    outcomes.append(item.annotated("words", 3))
                case "string":
                    outcomes.append("string")  # type: ignore[arg-type]
                case "refuse":
                    outcomes.append(Rejection(Reason.TOO_LARGE, "not for me"))
                case _:
                    outcomes.append(item.annotated("careless", [1, {"a": None}]))
        return outcomes


def test_a_stage_is_placed_behind_the_last_one_that_adds_what_it_needs() -> None:
    found = registry(FLOW, {"late": Late, "words": Words})
    assert found.added == {"entities": (Words,), "quotes": (Late,)}
    assert found.names == ("duplicates", "entities", "words", "quotes", "late")


def test_a_stage_may_need_what_another_one_finds() -> None:
    assert registry(FLOW, {"twice": Twice, "words": Words}).added["entities"] == (Words, Twice)


def test_without_any_everything_is_as_the_flow_says() -> None:
    found = registry(FLOW, {})
    assert found.names == ("duplicates", "entities", "quotes")
    assert type(found.pooled(FLOW["quotes"], Settings())) is found.own["quotes"]


class Mood(Words):
    name = "mood"
    needs = ("moods", "quotes")


class Hen(Words):
    name = "hen"
    needs = ("egg",)


class Egg(Words):
    name = "egg"
    needs = ("hen",)


class Greedy(Words):
    name = "greedy"
    adds = ("entities",)


@pytest.mark.parametrize(
    ("added", "problem"),
    [
        (
            {"mood": Mood},
            "plug-in mood needs moods, which no stage before it adds: there are article, duplicate, ent",
        ),
        ({"hen": Hen, "egg": Egg}, "plug-in hen needs egg, which no stage before it adds"),
        ({"greedy": Greedy}, "plug-in greedy .* leave `adds` out"),
        ({"other": Words}, "plug-in other .* has to be the entry point's.* not 'words'"),
        ({"words": len}, "plug-in words .*len.* is no subclass of pipeline.stages.base.Stage"),
        ({"words": Words()}, "plug-in words .* is no subclass"),
    ],
)
def test_a_mistake_is_named_in_one_line(added: dict[str, object], problem: str) -> None:
    with pytest.raises(SettingsError, match=problem) as raised:
        registry(FLOW, added)
    assert "\n" not in str(raised.value)


def test_a_need_of_the_flow_that_nobody_adds_is_named() -> None:
    duplicates, entities, quotes, sink = FLOW.steps
    swapped = (duplicates, replace(entities, stage=quotes.stage), replace(quotes, stage=entities.stage), sink)
    with pytest.raises(
        SettingsError, match=r"the flow .*: entities needs entities, which no stage before it adds"
    ):
        registry(Flow(swapped), {})


def texts(outcomes: Sequence[Outcome]) -> list[object]:
    return [item.detail if isinstance(item, Rejection) else item.annotations for item in outcomes]


def batch(*wanted: str) -> list[EnrichedArticle]:
    return [record(f"a{index}", text=text, title=None) for index, text in enumerate(wanted)]


def test_what_a_stage_finds_is_kept_under_its_name_and_a_bad_article_is_rejected_alone() -> None:
    chain = Chain([Plugged(Words()), Plugged(Twice())])
    assert texts(chain(batch("one two", "boom", "one"))) == [
        {"words": 2, "twice": 4},
        "words: ZeroDivisionError: boom",
        {"words": 1, "twice": 2},
    ]
    assert Words()(batch("none"))[0].annotations == {}  # type: ignore[union-attr]


def test_a_stage_that_takes_no_care_is_held_to_the_rules() -> None:
    outcomes = Plugged(Careless())(batch("good", "boom", "quotes", "other", "string", "refuse", "good"))
    good = {"careless": [1, {"a": None}]}
    assert texts(outcomes) == [
        good,
        "careless: ZeroDivisionError: boom",
        "careless: ValueError: a plug-in adds annotations.careless; it must not change entities",
        "careless: ValueError: a plug-in adds annotations.careless; it must not change annotations.words",
        "careless: TypeError: a stage gives records and rejections, not str",
        "careless: not for me",
        good,
    ]
    causes = [outcome.cause for outcome in outcomes if isinstance(outcome, Rejection)]
    assert causes[0] is not None
    assert causes[0].startswith("careless: ZeroDivisionError at test_registry.py")
    assert causes[-1] is None


def test_a_chain_has_the_time_of_all_and_counts_for_all() -> None:
    chain = Chain([Words(), Plugged(Words())])
    assert chain.time_limit(30) == 30
    assert chain.take_counters() == {"read": 1, "words_read": 1}
    assert texts(pickle.loads(pickle.dumps(chain))(batch("one"))) == [{"words": 1}]  # noqa: S301 - our own bytes


class CantStart(Words):
    name = "cant-start"

    @classmethod
    def from_settings(cls, settings: Settings) -> CantStart:
        raise OSError(f"no list of words for {settings.topic_prefix}")

    def warm_up(self) -> None:
        raise OSError("no list of words")


def test_a_stage_that_can_not_start_is_named_in_one_line() -> None:
    found = registry(FLOW, {"cant-start": CantStart})
    with pytest.raises(
        SettingsError, match=r"the stage cant-start can't be made: OSError: no list of words for news"
    ):
        found.pooled(FLOW["entities"], Settings(_env_file=None))
    with pytest.raises(SettingsError, match="the stage cant-start can't start: OSError: no list of words"):
        Plugged(CantStart()).warm_up()
