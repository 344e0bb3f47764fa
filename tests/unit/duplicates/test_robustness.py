from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.record import Duplicate, Verdict
from pipeline.stages.duplicates import Deduplicator, MemoryStateStore, Merge, StateKey, StateRow
from tests.unit.duplicates.newsroom import NOON, article, prose, words


def verdicts(stage: Deduplicator, *texts: str, hours: float = 0) -> list[Duplicate]:
    batch = [article(f"{len(stage)}-{at}", text, hours=hours) for at, text in enumerate(texts)]
    return [verdict for verdict in stage.decide(batch) if isinstance(verdict, Duplicate)]


@pytest.mark.parametrize("footer_words", [60, 120])
def test_a_footer_that_many_stories_share_does_not_tie_short_ones(footer_words: int) -> None:
    stage = Deduplicator(MemoryStateStore())
    footer = words(99, footer_words)
    teasers = [verdicts(stage, prose(words(100 + story, 40) + footer))[0] for story in range(40)]
    assert {teaser.verdict for teaser in teasers[20:]} == {Verdict.ORIGINAL}
    (copy,) = verdicts(stage, prose(words(135, 36) + words(200, 6) + footer))
    assert (copy.verdict, copy.duplicate_of) == (Verdict.NEAR, teasers[35].cluster_id)


def test_a_story_that_everybody_copies_does_not_pass_for_boilerplate() -> None:
    stage = Deduplicator(MemoryStateStore())
    tail = [
        verdicts(stage, prose(words(1, 200) + words(50 + outlet, 25)), hours=outlet / 60)[0]
        for outlet in range(100)
    ]
    assert {verdict.verdict for verdict in tail[1:]} == {Verdict.NEAR}
    assert {verdict.cluster_id for verdict in tail} == {tail[0].cluster_id}


@pytest.mark.parametrize("text", ["?!", "\u200b", "…", "—\n—"])
def test_a_text_without_a_word_is_like_nothing_but_itself(text: str) -> None:
    stage = Deduplicator(MemoryStateStore())
    first, other, same = verdicts(stage, text, "&#160;...", text)
    assert (first.verdict, other.verdict, same.verdict) == (
        Verdict.ORIGINAL,
        Verdict.ORIGINAL,
        Verdict.EXACT,
    )


def test_very_short_texts_are_copies_only_when_they_are_the_same() -> None:
    stage = Deduplicator(MemoryStateStore())
    found = verdicts(stage, "Fire in Fennmark", "Flood in Fennmark", "FIRE IN FENNMARK!", "Fire")
    assert [verdict.verdict.value for verdict in found] == ["original", "original", "exact", "original"]


@pytest.mark.parametrize(
    "text",
    [
        prose(words(1, 120_000)),
        "x" * 1_000_000,
        "二零三一年五月" * 140_000,
        "ก" * 1_000_000,
        "1.1." * 250_000,
        "&amp;" * 200_000,
    ],
    ids=["prose", "one word", "ideographs", "letters without spaces", "figures", "entities"],
)
def test_a_megabyte_of_text_is_judged(text: str) -> None:
    stage = Deduplicator(MemoryStateStore())
    assert [verdict.verdict.value for verdict in verdicts(stage, text, text)] == ["original", "exact"]


@given(st.lists(st.tuples(st.text(min_size=1, max_size=200), st.text(min_size=1)), max_size=8))
def test_any_id_and_any_text_get_a_verdict(pairs: list[tuple[str, str]]) -> None:
    stage = Deduplicator(MemoryStateStore())
    outcomes = stage.decide([article(article_id, text) for article_id, text in pairs])
    assert all(isinstance(outcome, Duplicate) for outcome in outcomes)
    assert len(outcomes) == len(pairs)


def test_an_old_generation_is_forgotten_whole_once_nothing_came_near_it() -> None:
    stage = Deduplicator(MemoryStateStore(), idle=10)
    verdicts(stage, *(prose(words(story, 60)) for story in range(20)))
    assert len(stage) == 20
    for hour in range(9):
        verdicts(stage, prose(words(100 + hour, 60)), hours=200 + hour)
    assert len(stage) == 29
    verdicts(stage, *(prose(words(200 + story, 60)) for story in range(5)), hours=210)
    assert len(stage) == 14


def test_an_archive_can_be_replayed_while_news_comes_in() -> None:
    stage = Deduplicator(MemoryStateStore(), idle=10)
    verdicts(stage, prose(words(1)), hours=50_000)
    archive = [article(str(day), prose(words(10)), hours=50_000, published=day / 24) for day in range(3)]
    outcomes = [stage.decide([one])[0] for one in archive]
    assert [one.verdict.value for one in outcomes if isinstance(one, Duplicate)] == [
        "original",
        "exact",
        "exact",
    ]


def test_a_worker_that_comes_second_gives_and_believes_what_the_first_one_wrote() -> None:
    store = MemoryStateStore()
    owner, zombie = Deduplicator(store), Deduplicator(store)
    text, shorter = prose(words(1)), prose(words(1)[:100])
    owner.decide([article("a", text)])
    (by_owner,) = owner.decide([article("b", shorter)])

    class Late(MemoryStateStore):
        """Shows the zombie no versions, as if it had asked before the owner wrote."""

        def versions(self, article_ids: object) -> Mapping[str, Sequence[StateRow]]:
            del article_ids
            return {}

        def record(self, rows: Sequence[StateRow], merges: Sequence[Merge]) -> Mapping[StateKey, StateRow]:
            return store.record(rows, merges)

    zombie = Deduplicator(Late())
    (by_zombie,) = zombie.decide([article("b", shorter)])
    assert by_zombie == by_owner
    assert isinstance(by_zombie, Duplicate)
    assert by_zombie.cluster_id == "a"
    (follow_up,) = zombie.decide([article("c", shorter)])
    assert isinstance(follow_up, Duplicate)
    assert (follow_up.verdict, follow_up.cluster_id) == (Verdict.EXACT, "a")


def test_a_window_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="window"):
        Deduplicator(MemoryStateStore(), window=timedelta(0))


def test_loading_starts_from_empty_and_gives_the_number_of_rows() -> None:
    store = MemoryStateStore()
    stage = Deduplicator(store)
    verdicts(stage, *(prose(words(story)) for story in range(5)))
    assert [stage.load(NOON), stage.load(NOON), len(stage)] == [5, 5, 5]


@pytest.mark.parametrize("window", [timedelta(microseconds=1), timedelta(days=36_500)])
@pytest.mark.parametrize("hours", [-17_000_000.0, 0.0, 69_000_000.0])
def test_any_window_works_in_any_year(window: timedelta, hours: float) -> None:
    stage = Deduplicator(MemoryStateStore(), window=window)
    found = verdicts(stage, prose(words(1)), prose(words(1)), hours=hours)
    assert [verdict.verdict.value for verdict in found] == ["original", "exact"]
