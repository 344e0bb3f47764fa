from __future__ import annotations

import pytest

from pipeline.errors import SettingsError
from pipeline.flow import DONE, FLOW, IN_POOL, IN_TRANSACTION, Flow, Step, Topic, drawing, joined

FIRST = Step("first", "", Topic.RAW, {DONE: Topic.ENRICHED}, IN_POOL)
LAST = Step("last", "", Topic.ENRICHED, {"stored": None}, IN_TRANSACTION)


def _between(reads: Topic, writes: Topic, name: str = "between") -> Step:
    return Step(name, "", reads, {DONE: writes}, IN_POOL)


def test_a_flow_is_drawn_with_the_outcomes_that_leave_its_line() -> None:
    short = Step("check", "", Topic.RAW, {"good": Topic.DEDUPLICATED, "bad": Topic.ENRICHED}, IN_TRANSACTION)
    first, second, third = drawing(Flow((short, _between(Topic.DEDUPLICATED, Topic.ENRICHED), LAST))).split(
        "\n"
    )
    assert first == ("news.raw ─ check ─▶ news.deduplicated ─ between ─▶ news.enriched ─ last ─▶ store")
    assert (second[first.index("check") + 1], second.strip()[:8]) == ("└", "└─ bad ─")
    assert first.index("news.enriched") < second.index("│") < first.index(" ─ last")
    assert third.endswith("news.dead-letter")


def test_what_is_told_beside_the_records_is_drawn_and_made() -> None:
    first = Step("first", "", Topic.RAW, {DONE: Topic.ENRICHED}, IN_POOL, announces=Topic.CLUSTERS)
    flow = Flow((first, LAST))
    assert flow.topics == (Topic.RAW, Topic.ENRICHED, Topic.CLUSTERS, Topic.DEAD_LETTER)
    assert "└─ merges ─▶ news.clusters" in drawing(flow)


def test_steps_that_compute_are_joined_where_both_are_there() -> None:
    one = _between(Topic.RAW, Topic.DEDUPLICATED, "one")
    two = _between(Topic.DEDUPLICATED, Topic.WITH_ENTITIES, "two")
    three = _between(Topic.WITH_ENTITIES, Topic.ENRICHED, "three")
    first, second, third, last = joined((one, two, three, LAST))
    assert (first.reads, first.topics, first.joined) == (Topic.RAW, (Topic.ENRICHED,), ("two", "three"))
    assert (second.reads, second.topics, second.joined) == (Topic.DEDUPLICATED, (Topic.ENRICHED,), ("three",))
    assert (third, last) == (three, LAST)
    assert joined((one, three, LAST)) == (one, three, LAST)


def test_a_step_that_keeps_an_order_is_joined_to_none() -> None:
    steps = FLOW.chosen(["duplicates", "entities", "sink"])
    assert joined(steps) == steps
    duplicates, entities, *_ = joined(FLOW.steps)
    assert (duplicates, entities.joined) == (FLOW["duplicates"], ("quotes",))


def test_what_follows_from_it() -> None:
    flow = Flow((FIRST, LAST))
    assert flow.sources == {"first": Topic.RAW, "last": Topic.ENRICHED}
    assert flow.topics == (Topic.RAW, Topic.ENRICHED, Topic.DEAD_LETTER)
    assert flow.writing == ("last",)
    assert flow.chosen(["last", "first"]) == (FIRST, LAST)
    assert flow["first"].topics == (Topic.ENRICHED,)


@pytest.mark.parametrize(
    ("steps", "problem"),
    [
        ((FIRST, FIRST, LAST), "several steps are called first"),
        ((FIRST, _between(Topic.RAW, Topic.ENRICHED), LAST), "several steps read raw"),
        (
            (FIRST, _between(Topic.WITH_ENTITIES, Topic.ENRICHED), LAST),
            "between reads with-entities, which nobody",
        ),
        ((FIRST,), "first writes enriched, which nobody reads"),
        (
            (
                _between(Topic.RAW, Topic.DEDUPLICATED, "one"),
                _between(Topic.DEDUPLICATED, Topic.ENRICHED, "two"),
                _between(Topic.ENRICHED, Topic.DEDUPLICATED, "three"),
            ),
            "three writes deduplicated, which is before it",
        ),
        ((Step("first", "", Topic.RAW, {"done": None}, IN_POOL),), "has to write one topic, not 0"),
    ],
)
def test_a_mistake_is_named_in_one_line(steps: tuple[Step, ...], problem: str) -> None:
    with pytest.raises(SettingsError, match=rf"^the flow \(pipeline/flow.py\): .*{problem}") as raised:
        Flow(steps)
    assert "\n" not in str(raised.value)


def test_every_outcome_of_the_duplicates_stage_has_a_way() -> None:
    assert FLOW["duplicates"].writes["exact"] is Topic.ENRICHED
    assert set(FLOW["duplicates"].topics) == {Topic.DEDUPLICATED, Topic.ENRICHED}
