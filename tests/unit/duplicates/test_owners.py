"""Whose an id is: the first source of the log keeps it, and nobody's article takes another's place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import Reason, TransientError
from pipeline.record import Article, Duplicate
from pipeline.stages.base import Rejection
from pipeline.stages.duplicates import Deduplicator, MemoryStateStore, StateRow
from tests.unit.duplicates.newsroom import FailingStore, article, prose, words

_TEXTS = [prose(words(story, 60)) for story in range(6)]
_ADDRESS = "https://fennmark.example/harbour"


def _by(source: str, text: int = 0, *, article_id: str = "17", url: str | None = None) -> Article:
    return article(article_id, _TEXTS[text]).model_copy(update={"source": source, "url": url})


def _words(outcomes: Sequence[Duplicate | Rejection]) -> list[str]:
    return [o.verdict.value if isinstance(o, Duplicate) else o.reason.value for o in outcomes]


def _one_by_one(*articles: Article) -> list[str]:
    stage = Deduplicator(MemoryStateStore())
    return [_words(stage.decide([one]))[0] for one in articles]


def _at_once(*articles: Article) -> list[str]:
    return _words(Deduplicator(MemoryStateStore()).decide(articles))


@pytest.mark.parametrize("judged", [_one_by_one, _at_once])
@pytest.mark.parametrize(
    ("articles", "outcomes"),
    [
        ([_by("A", 0), _by("B", 1)], ["original", "id-conflict"]),
        ([_by("A", 0), _by("B", 0)], ["original", "id-conflict"]),
        ([_by("A", 0), _by("A", 1)], ["original", "revision"]),
        ([_by("A", 0, url=_ADDRESS), _by("B", 1, url=_ADDRESS)], ["original", "revision"]),
        ([_by("A", 0, url=_ADDRESS), _by("B", 1)], ["original", "id-conflict"]),
        ([_by("A", 0), _by("B", 1, url=_ADDRESS)], ["original", "id-conflict"]),
        (
            [_by("A", 0), _by("B", 1), _by("A", 2), _by("B", 3)],
            ["original", "id-conflict", "revision", "id-conflict"],
        ),
        (
            [_by("A", 0, url=_ADDRESS), _by("B", 1, url=_ADDRESS), _by("B", 2), _by("A", 3)],
            ["original", "revision", "id-conflict", "revision"],
        ),
        ([_by("A", 0), _by("B", 1, article_id="18"), _by("B", 2)], ["original", "original", "id-conflict"]),
    ],
)
def test_the_first_source_keeps_the_id_unless_the_address_is_the_same(
    judged: object, articles: list[Article], outcomes: list[str]
) -> None:
    assert callable(judged)
    assert judged(*articles) == outcomes


def test_the_rejection_says_whose_the_id_is_and_what_to_do() -> None:
    (_, rejection) = Deduplicator(MemoryStateStore()).decide([_by("Courier"), _by("Herald", 1)])
    assert rejection == Rejection(
        Reason.ID_CONFLICT,
        "id 17 is Courier's; Herald uses it too: give it an id of its own, or replay with --qualify-ids",
    )


def test_names_of_any_length_make_one_short_line() -> None:
    (_, rejection) = Deduplicator(MemoryStateStore()).decide([_by("A" * 9_000), _by("B" * 9_000, 1)])
    assert isinstance(rejection, Rejection)
    assert len(rejection.detail) < 400


def test_a_rejected_article_is_no_partner_of_later_ones() -> None:
    stage = Deduplicator(MemoryStateStore())
    stage.decide([_by("A", 0), _by("B", 1)])
    assert _words(stage.decide([_by("C", 1, article_id="other")])) == ["original"]


def test_an_article_whose_text_cannot_be_processed_owns_nothing() -> None:
    broken = _by("A").model_copy(update={"text": None})
    assert _at_once(broken, _by("B", 1)) == ["stage-error", "original"]


def test_an_id_of_which_no_source_is_remembered_is_anybodys() -> None:
    class Forgetful(MemoryStateStore):
        def versions(self, article_ids: Iterable[str]) -> Mapping[str, Sequence[StateRow]]:
            found = super().versions(article_ids)
            return {key: [row._replace(source=None, url=None) for row in rows] for key, rows in found.items()}

    stage = Deduplicator(Forgetful())
    stage.decide([_by("A", 0)])
    assert _words(stage.decide([_by("B", 1)])) == ["revision"]


_published = st.lists(
    st.tuples(
        st.sampled_from("AB"),
        st.integers(0, len(_TEXTS) - 1),
        st.sampled_from(["17", "18"]),
        st.sampled_from([None, _ADDRESS]),
    ),
    min_size=1,
    max_size=10,
)


@settings(max_examples=60)
@given(published=_published, data=st.data())
def test_the_same_are_rejected_whatever_the_batches_redeliveries_and_outages(
    published: list[tuple[str, int, str, str | None]], data: st.DataObject
) -> None:
    stream = [_by(source, text, article_id=key, url=url) for source, text, key, url in published]
    undisturbed = Deduplicator(MemoryStateStore()).decide(stream)
    store = FailingStore()
    stage = Deduplicator(store)
    done = 0
    found: list[Duplicate | Rejection] = []
    while done < len(stream):
        again = data.draw(st.integers(0, done))
        size = data.draw(st.integers(1, len(stream)))
        store.fail_before, store.fail_after = data.draw(st.integers(0, 1)), data.draw(st.integers(0, 1))
        while True:
            try:
                outcomes = stage.decide(stream[again : done + size])
                break
            except TransientError:
                continue
        store.fail_before = store.fail_after = 0
        assert outcomes[: done - again] == found[again:done]
        found += outcomes[done - again :]
        done += size

    assert found == undisturbed
