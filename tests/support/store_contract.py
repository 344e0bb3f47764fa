"""What every store keeps: a suite that ours and those of other packages run through.

A subclass gives the URL of a store that is not there yet:

    class TestMyStore(StoreContract):
        @pytest.fixture
        def url(self, tmp_path: Path) -> str:
            return f"mine:///{tmp_path}/store"
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings

from pipeline.accounts.account import Accepted, Account
from pipeline.errors import Reason, SettingsError, TransientError
from pipeline.record import Duplicate, EnrichedArticle, LogPosition, Span, Verdict
from pipeline.stages.duplicates.state import Merge, StateKey, StateRow
from pipeline.stores.base import Store, open_store
from pipeline.stores.incoming import checked
from pipeline.stores.versions import Intake, Superseded
from tests.support.records import records
from tests.unit.stores.builders import NOON, TEXT, entity, full_record, record

_LOG = "log-1"
_HOUR = timedelta(hours=1)
_numbers = count()


def _at(*offsets: int) -> list[LogPosition]:
    return [LogPosition(log=_LOG, offset=offset) for offset in offsets]


def _row(article_id: str, content: int = 0, *, cluster: str = "c", hours: int = 0) -> StateRow:
    return StateRow(
        StateKey(article_id, content.to_bytes(16, "big")),
        Duplicate(verdict=Verdict.NEAR, cluster_id=cluster, duplicate_of="c", jaccard=0.1 + 0.2),
        NOON + hours * _HOUR,
        bytes(range(256)) * 2,
    )


def _named(record: EnrichedArticle) -> EnrichedArticle:
    """The record under an id that no other example has."""
    article_id = f"{next(_numbers)} {record.article.article_id}"[:200]
    return record.model_copy(update={"article": record.article.model_copy(update={"article_id": article_id})})


def _account(
    store: Store, accepted: Sequence[tuple[EnrichedArticle, int]]
) -> tuple[dict[str, int], dict[str, int]]:
    """What the ledger says of these messages, by article and by version."""
    with Account(_LOG) as account:
        account.accept(
            Accepted(
                0,
                offset,
                message.article.article_id,
                checked(message).version_hash,
                None,
                message.article.ingested_at.timestamp(),
            )
            for message, offset in accepted
        )
        account.letters(())
        account.store(store.versions.all(), store.versions.of)
        return account.articles(), account.versions()


class NewStore:
    """Each test of a suite has a store of its own."""

    @pytest.fixture
    def url(self) -> str:
        """A store that is not there yet."""
        raise NotImplementedError

    @pytest.fixture
    def store(self, url: str) -> Iterator[Store]:
        with closing(open_store(url)) as opened:
            opened.upgrade()
            yield opened


class StoreContract(NewStore):
    """The suite."""

    # Being there

    def test_a_store_is_made_once_however_often_it_is_upgraded(self, url: str) -> None:
        with closing(open_store(url)) as store:
            assert not store.is_current()
            for _ in range(2):
                store.upgrade()
                assert store.is_current()
        with closing(open_store(url, read_only=True)) as reader:
            assert reader.is_current()

    def test_several_workers_may_make_it_at_once(self, url: str) -> None:
        stores = [open_store(url) for _ in range(4)]
        with ThreadPoolExecutor(len(stores)) as pool:
            list(pool.map(lambda store: store.upgrade(), stores))
        assert len({store.identity() for store in stores}) == 1
        for store in stores:
            store.close()

    def test_it_is_the_same_store_for_all_of_its_life(self, url: str, store: Store) -> None:
        identity = store.identity()
        store.write([record()])
        store.upgrade()
        with closing(open_store(url)) as again:
            assert identity == again.identity() == store.identity() != ""

    def test_who_only_reads_writes_nothing(self, url: str, store: Store) -> None:
        store.write([record("a")])
        with closing(open_store(url, read_only=True)) as reader:
            with pytest.raises(SettingsError):
                reader.write([record("b")])
            assert reader.article("a") == record("a")
        assert store.count_articles() == 1

    # Records

    @settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(record=records())
    def test_it_gives_back_what_it_took_with_the_keys_of_this_version(
        self, store: Store, record: EnrichedArticle
    ) -> None:
        written = _named(record)
        result = store.write([written])
        assert (result.inserted, result.rejections) == (1, {})
        assert store.article(written.article.article_id) == checked(written).record

    def test_what_was_never_stored_is_none(self, store: Store) -> None:
        assert store.article("nothing") is None
        assert store.write([]).inserted == 0

    def test_what_write_has_returned_for_is_there_for_everybody(self, url: str, store: Store) -> None:
        store.write([full_record("a")])
        with closing(open_store(url)) as other:
            assert other.article("a") == full_record("a")
            other.write([full_record("b")])
        assert store.article("b") == full_record("b")
        assert store.count_articles() == 2

    def test_a_replay_changes_nothing(self, store: Store) -> None:
        store.write([full_record(), full_record("other")])
        result = store.write([full_record(ingested=NOON + _HOUR), full_record("other"), full_record("other")])
        assert (result.inserted, result.updated, result.unchanged) == (0, 0, 3)
        assert store.article("bridge") == full_record()

    def test_the_same_article_twice_in_a_batch_is_one(self, store: Store) -> None:
        result = store.write([full_record(), full_record()])
        assert (result.inserted, result.unchanged, store.count_articles()) == (1, 1, 1)

    def test_a_version_processed_anew_replaces_its_record_with_all_that_was_found(self, store: Store) -> None:
        store.write([full_record().annotated("keywords", ["ferry"])], _at(3))
        again = record(pipeline_version="2").annotated("tone", 0.5)
        assert store.write([again], _at(3)).updated == 1
        assert store.article("bridge") == again

    def test_the_later_version_of_the_log_stands_in_whatever_order_they_arrive(self, store: Store) -> None:
        corrected = record(text=f"{TEXT} Corrected.", ingested=NOON - _HOUR)
        assert store.write([corrected], _at(7)).inserted == 1
        assert store.write([full_record()], _at(4)).stale == 1
        assert store.article("bridge") == corrected
        last = record(text=f"{TEXT} Corrected twice.", ingested=NOON - 2 * _HOUR)
        assert store.write([last], _at(9)).updated == 1
        assert store.article("bridge") == last

    def test_a_superseded_version_never_comes_back_with_a_replay(self, url: str, store: Store) -> None:
        corrected = record(text=f"{TEXT} Corrected.")
        store.write([full_record(), corrected], _at(1, 2))
        with closing(open_store(url)) as later:
            assert later.write([full_record(ingested=NOON + _HOUR)], _at(8)).stale == 1
            assert later.article("bridge") == corrected

    def test_what_can_not_be_stored_is_rejected_alone(self, store: Store) -> None:
        half = record("half")
        half = half.model_copy(update={"article": half.article.model_copy(update={"text": "half \ud83d"})})
        outside = entity("Ada Quill", "PERSON").model_copy(
            update={"mentions": (Span(start=2**70, end=2**70 + 5, text="Quill"),)}
        )
        result = store.write(
            [record("a"), record("nul", text="a \x00"), half, record("far", entities=(outside,)), record("b")]
        )
        assert {index: rejection.reason for index, rejection in result.rejections.items()} == dict.fromkeys(
            (1, 2, 3), Reason.NOT_STORABLE
        )
        assert [article_id for article_id, _ in store.versions.all()] == ["a", "b"]

    def test_writers_of_the_same_articles_at_once_end_in_one_record_each(
        self, url: str, store: Store
    ) -> None:
        batch = [full_record(f"a{number}") for number in range(20)]

        def write(turn: int) -> None:
            with closing(open_store(url)) as own:
                order = batch if turn % 2 else batch[::-1]
                for start in range(0, len(order), 7):
                    while True:
                        try:
                            own.write(order[start : start + 7])
                        except TransientError:
                            continue
                        break

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(write, range(4)))
        assert store.count_articles() == len(list(store.versions.all())) == 20
        assert store.article("a7") == full_record("a7")

    # The ledger

    def test_versions_come_sorted_by_code_point_each_once(self, store: Store) -> None:
        ids = ["Zeta", "alpha", "Älpha", "éa", "ea", "10", "9", "ﬀ", "😀"]
        store.write([record(article_id) for article_id in ids])
        store.write([record(article_id, pipeline_version="2") for article_id in ids])
        version = checked(record()).version_hash
        assert list(store.versions.all()) == [(article_id, version) for article_id in sorted(ids)]

    def test_what_stands_is_told_with_its_position_and_what_was_superseded(
        self, url: str, store: Store
    ) -> None:
        first, second = record(), record(text=f"{TEXT} More.")
        at = _at(3, 4)
        store.write([first, second, record("other")], [*at, None])
        with closing(open_store(url, read_only=True)) as reader:
            found = reader.versions.of(["bridge", "other", "nothing"])
        assert set(found) == {"bridge", "other"}
        assert found["bridge"].version_hash == checked(second).version_hash
        assert found["bridge"].intake == Intake(at[1], second.article.ingested_at)
        assert found["bridge"].superseded == {checked(first).version_hash: Superseded(at[0])}
        assert (found["other"].intake.position, found["other"].superseded) == (None, {})

    def test_an_older_message_of_what_stands_moves_its_position_and_nothing_else(self, store: Store) -> None:
        store.write([record()], _at(6))
        assert store.write([record()], _at(2)).unchanged == 1
        assert store.versions.of(["bridge"])["bridge"].intake.position == _at(2)[0]
        assert store.article("bridge") == record()

    def test_the_ledger_of_what_was_accepted_closes_when_it_is_stored(self, store: Store) -> None:
        accepted = [
            (record(), 0),
            (record(text=f"{TEXT} More."), 1),
            (record("other"), 2),
            (record("late"), 3),
        ]
        store.write([message for message, _ in accepted[:3]], _at(0, 1, 2))
        articles, versions = _account(store, accepted)
        assert (articles["accepted"], articles["stored"]) == (3, 2)
        assert (versions["standing"], versions["superseded"], versions["missing"]) == (2, 1, 1)
        store.write([accepted[3][0]], _at(3))
        articles, versions = _account(store, accepted)
        assert (articles["accepted"], articles["stored"], versions["missing"]) == (3, 3, 0)

    def test_the_counts_add_up(self, store: Store) -> None:
        near = Duplicate(verdict=Verdict.NEAR, cluster_id="bridge", duplicate_of="bridge")
        store.write([full_record(), record("copy", duplicate=near), record("other")])
        found = store.counts()
        assert (found.articles, found.by_verdict) == (3, {"near": 1, "original": 2})
        assert (found.entities, found.quotes, found.attributed) == (4, 1, 1)
        assert found.by_language == {"en": 3}
        assert store.count_articles() == 3

    def test_an_empty_store_answers(self, store: Store) -> None:
        assert (store.counts().articles, store.count_articles(), list(store.versions.all())) == (0, 0, [])
        assert store.versions.of(["bridge"]) == {}

    # The state of the duplicates stage

    def test_the_first_verdict_stands_also_for_who_comes_later(self, url: str, store: Store) -> None:
        first, second = _row("a", cluster="first"), _row("a", cluster="second")
        assert store.duplicates.record([first], []) == {first.key: first}
        with closing(open_store(url)) as other:
            given_back = other.duplicates.record([second, _row("b")], [])
            assert given_back == {first.key: first, _row("b").key: _row("b")}
            assert other.duplicates.versions(["a", "nothing"]) == {"a": [first]}

    def test_versions_of_an_article_come_in_the_order_of_writing(self, store: Store) -> None:
        rows = [_row("a", 2), _row("b"), _row("a", 1), _row("a", 3)]
        store.duplicates.record(rows[:2], [])
        store.duplicates.record(rows[2:], [])
        assert store.duplicates.versions(["a"]) == {"a": [rows[0], rows[2], rows[3]]}

    def test_the_index_is_rebuilt_from_the_first_row_of_the_window(self, url: str, store: Store) -> None:
        rows = [_row("old"), _row("new", hours=5), _row("older", hours=-9), _row("newer", hours=9)]
        store.duplicates.record(rows, [])
        expected = [(row.key.article_id, row.duplicate.cluster_id, row.sketch) for row in rows]
        with closing(open_store(url)) as other:
            for latest, since in ((0, 1), (4, 0)):
                parts = other.duplicates.remembered(NOON + 3 * _HOUR, latest)
                assert [row for part in parts for row in zip(*part, strict=True)] == expected[since:]

    def test_merges_are_kept_flat_however_often_they_are_delivered(self, url: str, store: Store) -> None:
        store.duplicates.record([], [Merge("c", "b")])
        for _ in range(2):
            store.duplicates.record([], [Merge("b", "a"), Merge("d", "a")])
        with closing(open_store(url)) as other:
            assert set(other.duplicates.merges()) == {Merge("c", "a"), Merge("b", "a"), Merge("d", "a")}
