"""What holds whatever is published, in whatever order, and whatever fails in between."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.errors import TransientError
from pipeline.record import Article, Duplicate, Verdict
from pipeline.stages.duplicates import Deduplicator, MemoryStateStore
from tests.unit.duplicates.newsroom import NOON, FailingStore, article, edited, prose, words

law = settings(max_examples=40)

TEXTS = [
    prose(tokens)
    for story in range(3)
    for tokens in (
        words(story),
        words(story)[:90],
        words(story)[60:],
        edited(words(story), 0.1),
        words(story) + words(9, 40),
        words(story) + words((story + 1) % 3),
    )
]


class Published(NamedTuple):
    identity: int
    text: int
    hours: int


streams = st.lists(
    st.builds(
        Published, st.integers(0, 9), st.integers(0, len(TEXTS) - 1), st.sampled_from([0, 1, 30, 71, 80])
    ),
    max_size=24,
)


def articles_of(stream: list[Published]) -> list[Article]:
    return [
        article(f"id-{one.identity}", TEXTS[one.text], hours=100 + at, published=one.hours)
        for at, one in enumerate(stream)
    ]


def judged(stage: Deduplicator, articles: list[Article], cuts: list[int] | None = None) -> list[Duplicate]:
    bounds = [0, *sorted(cut for cut in cuts or [] if cut <= len(articles)), len(articles)]
    verdicts = [verdict for low, high in pairwise(bounds) for verdict in stage.decide(articles[low:high])]
    assert len(verdicts) == len(articles)
    return [verdict for verdict in verdicts if isinstance(verdict, Duplicate)]


@law
@given(streams)
def test_a_replay_gives_every_verdict_again_byte_for_byte(stream: list[Published]) -> None:
    articles = articles_of(stream)
    stage = Deduplicator(MemoryStateStore())
    first = judged(stage, articles)
    indexed = len(stage)
    assert judged(stage, articles) == first
    assert len(stage) == indexed


@law
@given(streams, streams)
def test_a_restarted_stage_goes_on_as_if_it_had_never_stopped(
    before: list[Published], after: list[Published]
) -> None:
    store, unbroken = MemoryStateStore(), Deduplicator(MemoryStateStore())
    judged(Deduplicator(store), articles_of(before))
    judged(unbroken, articles_of(before))
    restarted = Deduplicator(store)
    restarted.load(NOON)
    assert len(restarted) == len(unbroken)
    assert judged(restarted, articles_of(after)) == judged(unbroken, articles_of(after))


@law
@given(streams, st.lists(st.integers(0, 24)))
def test_the_verdicts_do_not_depend_on_how_the_stream_is_cut_into_batches(
    stream: list[Published], cuts: list[int]
) -> None:
    articles = articles_of(stream)
    whole = judged(Deduplicator(MemoryStateStore()), articles)
    assert judged(Deduplicator(MemoryStateStore()), articles, cuts) == whole


@law
@given(streams, streams, st.booleans())
def test_a_call_that_the_store_fails_can_be_made_again_with_the_same_answer(
    before: list[Published], batch: list[Published], written: bool
) -> None:
    store, undisturbed = FailingStore(), Deduplicator(MemoryStateStore())
    stage = Deduplicator(store)
    judged(stage, articles_of(before))
    judged(undisturbed, articles_of(before))
    indexed = len(stage)
    store.fail_before, store.fail_after = int(not written), int(written)
    expected = undisturbed.decide(articles_of(batch))
    try:
        stage.decide(articles_of(batch))
    except TransientError:
        assert len(stage) == indexed
    assert stage.decide(articles_of(batch)) == expected
    assert len(stage) == len(undisturbed)
    assert judged(stage, articles_of(before)) == judged(undisturbed, articles_of(before))


@law
@given(streams)
def test_no_article_is_a_duplicate_of_itself_or_of_a_later_one(stream: list[Published]) -> None:
    articles = articles_of(stream)
    seen: set[str] = set()
    for one, verdict in zip(articles, judged(Deduplicator(MemoryStateStore()), articles), strict=True):
        if one.article_id not in seen:
            assert verdict.duplicate_of in {None, *seen}
            assert verdict.cluster_id in {one.article_id, *seen}
            assert (verdict.duplicate_of is None) == (verdict.verdict is Verdict.ORIGINAL)
        seen.add(one.article_id)


@law
@given(streams)
@example(
    [Published(0, 6, 0), Published(3, 5, 0), Published(1, 17, 0), Published(2, 0, 0)]
)  # an update founds one too
def test_every_merge_is_into_the_cluster_founded_first(stream: list[Published]) -> None:
    store = MemoryStateStore()
    verdicts = judged(Deduplicator(store), articles_of(stream))
    founded = list(dict.fromkeys(verdict.cluster_id for verdict in verdicts))
    losers = {merge.loser for merge in store.merges()}
    for merge in store.merges():
        assert founded.index(merge.winner) < founded.index(merge.loser)
        assert merge.winner not in losers
