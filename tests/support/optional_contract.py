"""What a store keeps that removes articles and remembers feeds: a suite beside the one of every store.

A subclass gives the URL of a store that is not there yet, as for `StoreContract`.
"""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta

import pytest

from pipeline.errors import SettingsError
from pipeline.record import Duplicate, EnrichedArticle, Verdict
from pipeline.stages.duplicates.state import StateKey, StateRow
from pipeline.stores.base import Store, feed_memory_of, open_store, removals_of
from pipeline.stores.removals import Forgotten, Removal
from tests.support.store_contract import NewStore
from tests.unit.stores.builders import NOON, TEXT, full_record, record

_HOUR = timedelta(hours=1)
_DONE = Forgotten(NOON, "id bridge")


def _copy(article_id: str, of: str, verdict: Verdict = Verdict.EXACT, hours: int = 0) -> EnrichedArticle:
    duplicate = Duplicate(verdict=verdict, cluster_id="bridge", duplicate_of=of, jaccard=1.0, containment=1.0)
    return record(article_id, duplicate=duplicate, published=NOON + (hours - 10) * _HOUR, source="Copyist")


def _row(article_id: str, of: str | None = None, content: int = 0) -> StateRow:
    verdict = Verdict.EXACT if of else Verdict.ORIGINAL
    duplicate = Duplicate(verdict=verdict, cluster_id="bridge", duplicate_of=of)
    return StateRow(StateKey(article_id, bytes([content]) * 16), duplicate, NOON, b"sketch")


def _duplicate_of(store: Store, *article_ids: str) -> dict[str, str | None]:
    found = {article_id: store.article(article_id) for article_id in article_ids}
    return {article_id: one.duplicate.duplicate_of for article_id, one in found.items() if one is not None}


class OptionalContract(NewStore):
    """The suite."""

    # Removals

    def test_what_is_removed_does_not_come_again_until_it_is_recalled(self, url: str, store: Store) -> None:
        removals = removals_of(store)
        store.write([full_record(), record("other")])
        store.duplicates.record([_row("bridge"), _row("other")], [])
        assert removals.remove(["bridge", "never"], {}, _DONE) == 1
        with closing(open_store(url)) as other:
            assert (other.article("bridge"), other.count_articles()) == (None, 1)
            assert removals_of(other).when("bridge") == _DONE
            assert removals_of(other).when("other") is None
            assert list(other.versions.forgotten()) == ["bridge", "never"]
            corrected = record(text=f"{TEXT} Corrected.")
            again = other.write([full_record(), corrected, record("new")])
            assert (again.inserted, again.forgotten, again.rejections) == (1, 2, {})
            standing = other.duplicates.record([_row("bridge")], [])
            assert standing == {_row("bridge").key: _row("bridge")}, "the stage has its verdict all the same"
            assert other.duplicates.versions(["bridge", "other"]) == {"other": [_row("other")]}
        assert removals.recall(["bridge", "other"]) == 1
        assert (store.write([full_record()]).inserted, removals.when("bridge")) == (1, None)
        assert store.duplicates.record([_row("bridge")], []) == {_row("bridge").key: _row("bridge")}
        assert store.duplicates.versions(["bridge"]) == {"bridge": [_row("bridge")]}

    def test_what_was_removed_first_keeps_its_reason(self, store: Store) -> None:
        removals = removals_of(store)
        store.write([record()])
        assert removals.remove(["bridge"], {}, _DONE) == 1
        assert removals.remove(["bridge"], {}, Forgotten(NOON + _HOUR, "again")) == 0
        assert removals.when("bridge") == _DONE

    def test_the_copies_of_what_is_removed_are_those_of_its_heir(self, url: str, store: Store) -> None:
        removals = removals_of(store)
        copies = [
            _copy("first", "bridge", hours=1),
            _copy("second", "first", hours=2),
            _copy("near", "bridge", Verdict.NEAR, hours=3),
        ]
        store.write([record("bridge", published=NOON - 10 * _HOUR), *copies])
        store.duplicates.record(
            [_row("bridge"), _row("first", "bridge"), _row("second", "first"), _row("third", "bridge")], []
        )
        assert [one.article_id for one in removals.copies_of(["bridge"])] == ["first", "second", "near"]
        assert removals.heirs(["bridge"], {"bridge"}) == {"bridge": ["first", "second"]}
        assert removals.heirs(["bridge"], {"bridge", "first"}) == {"bridge": ["second"]}
        assert removals.heirs(["first"], {"first"}) == {}, "a copy has nothing to hand on"

        removals.remove(["bridge"], {"bridge": "first"}, _DONE)

        left = ("first", "second", "near")
        assert _duplicate_of(store, *left) == {"first": None, "second": "first", "near": "first"}
        heir = store.article("first")
        assert heir is not None
        assert heir.duplicate.verdict is Verdict.ORIGINAL
        assert store.counts().by_verdict == {"exact": 1, "near": 1, "original": 1}
        with closing(open_store(url)) as other:
            rows = other.duplicates.versions(["bridge", "first", "second", "third"])
            verdicts = {
                one: (row.duplicate.verdict, row.duplicate.duplicate_of) for one, (row,) in rows.items()
            }
            assert verdicts == {
                "first": (Verdict.ORIGINAL, None),
                "second": (Verdict.EXACT, "first"),
                "third": (Verdict.EXACT, "first"),
            }
            again = other.duplicates.record([_row("third", "bridge")], [])
            assert again[_row("third").key].duplicate.duplicate_of == "first", "as it stands now"

        removals.remove(["first"], {"first": "second"}, _DONE)
        assert _duplicate_of(store, *left) == {"second": None, "near": "second"}
        ((third,),) = store.duplicates.versions(["third"]).values()
        assert third.duplicate.duplicate_of == "second"

    def test_a_copy_between_two_others_takes_nothing_from_them(self, store: Store) -> None:
        first, second = _copy("first", "bridge", hours=1), _copy("second", "first", hours=2)
        store.write([record("bridge", published=NOON - 10 * _HOUR), first, second])
        removals_of(store).remove(["first"], {}, _DONE)
        assert _duplicate_of(store, "bridge", "first", "second") == {"bridge": None, "second": "bridge"}

    def test_a_row_that_changes_keeps_its_place_in_the_order(self, store: Store) -> None:
        rows = [_row("bridge"), _row("first", "bridge", 2), _row("first", None, 1)]
        store.duplicates.record(rows, [])
        removals_of(store).remove(["bridge"], {}, _DONE)
        (found,) = store.duplicates.versions(["first"]).values()
        assert [row.key for row in found] == [rows[1].key, rows[2].key]
        parts = store.duplicates.remembered(NOON, 0)
        assert [article_id for part in parts for article_id in part.article_ids] == ["first", "first"]

    def test_articles_are_found_by_outlet_address_and_age(self, store: Store) -> None:
        made = [
            record(
                f"a{number}", published=NOON - number // 2 * _HOUR, source="Post" if number % 2 else "Echo"
            )
            for number in range(7)
        ]
        address = {"url": "https://post.example/3"}
        addressed = made[3].model_copy(update={"article": made[3].article.model_copy(update=address)})
        store.write([*made[:3], addressed, *made[4:]])

        def ids(**wanted: object) -> list[str]:
            found = removals_of(store).found(Removal(**wanted))  # type: ignore[arg-type]
            return [one.article_id for one in found]

        assert ids() == ["a6", "a4", "a5", "a2", "a3", "a0", "a1"]
        assert ids(source="Post") == ["a5", "a3", "a1"]
        assert ids(url="https://post.example/3") == ["a3"]
        assert ids(before=NOON - _HOUR) == ["a6", "a4", "a5"]
        assert ids(before=NOON - _HOUR + timedelta(microseconds=1)) == ["a6", "a4", "a5", "a2", "a3"]
        assert ids(article_ids=("a1", "a4", "none")) == ["a4", "a1"]

    def test_who_only_reads_removes_nothing(self, url: str, store: Store) -> None:
        store.write([record()])
        with closing(open_store(url, read_only=True)) as reader:
            with pytest.raises(SettingsError):
                removals_of(reader).remove(["bridge"], {}, _DONE)
            with pytest.raises(SettingsError):
                removals_of(reader).recall(["bridge"])
            with pytest.raises(SettingsError):
                feed_memory_of(reader).note("a", ["1"], {})
        assert store.count_articles() == 1

    # Feeds

    def test_items_and_states_are_remembered_by_feed(self, url: str, store: Store) -> None:
        memory = feed_memory_of(store)
        assert (memory.state("a"), memory.unseen("a", ["1", "2"])) == ({}, {"1", "2"})
        memory.note("a", ["1"], {"validators": {"If-None-Match": '"x"'}, "fault": None})
        memory.note("a", ["1", "2"], {"failures": 2})
        with closing(open_store(url)) as other:
            again = feed_memory_of(other)
            assert again.state("a") == {"failures": 2}
            assert again.unseen("a", ["1", "2", "3"]) == {"3"}
            assert again.unseen("b", ["1"]) == {"1"}

    def test_more_items_than_a_question_takes_are_looked_up(self, store: Store) -> None:
        memory = feed_memory_of(store)
        keys = [f"{number:05}" for number in range(4_000)]
        memory.note("a", keys[:2_000], {})
        assert memory.unseen("a", keys) == set(keys[2_000:])
