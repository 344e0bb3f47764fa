"""Articles taken out on purpose: of both databases, and of a whole pipeline."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from pipeline.record import Duplicate, EnrichedArticle, Verdict
from pipeline.record.codec import encode
from pipeline.stages.duplicates.state import StateKey, StateRow
from pipeline.stores.removals import Forgotten, Removal
from pipeline.stores.sql.database import reading
from pipeline.stores.sql.queries.quotes import find_quotes
from pipeline.stores.sql.schema import articles as table
from pipeline.stores.sql.schema import metadata
from pipeline.stores.sql.store import SqlStore
from tests.integration.conftest import NewPipeline
from tests.support.articles import article
from tests.unit.stores.builders import NOON, full_record, record

_HOUR = timedelta(hours=1)
_DONE = Forgotten(NOON, "id bridge")


@pytest.fixture
def store(engine: Engine) -> SqlStore:
    return SqlStore(engine)


def _copy(article_id: str, of: str, verdict: Verdict = Verdict.EXACT, hours: int = 0) -> EnrichedArticle:
    duplicate = Duplicate(verdict=verdict, cluster_id="bridge", duplicate_of=of, jaccard=1.0, containment=1.0)
    return record(article_id, duplicate=duplicate, published=NOON + (hours - 10) * _HOUR, source="Copyist")


def _row(article_id: str, of: str | None = None) -> StateRow:
    verdict = Verdict.EXACT if of else Verdict.ORIGINAL
    duplicate = Duplicate(verdict=verdict, cluster_id="bridge", duplicate_of=of)
    return StateRow(StateKey(article_id, b"\0" * 16), duplicate, NOON, b"sketch")


def _duplicates_of(store: SqlStore) -> dict[str, str | None]:
    with reading(store.engine) as connection:
        return dict(connection.execute(select(table.c.article_id, table.c.duplicate_of)).all())


def test_what_is_removed_is_nowhere_and_does_not_come_again(store: SqlStore) -> None:
    whole = full_record()
    article_id = whole.article.article_id
    store.write([whole, record("other")])
    store.duplicates.record([_row(article_id), _row("other")], [])

    assert store.removals.remove([article_id], {}, _DONE) == 1

    assert store.article(article_id) is None
    assert not find_quotes(store.engine, about="bridge")
    with reading(store.engine) as connection:
        left = {
            one.name: connection.execute(select(one).where(one.c.article_id == article_id)).all()
            for one in metadata.sorted_tables
            if "article_id" in one.c and one.name != "forgotten"
        }
    assert not any(left.values()), left
    assert store.removals.when(article_id) == _DONE
    assert list(store.versions.forgotten()) == [article_id]

    again = store.write([whole])
    standing = store.duplicates.record([_row(article_id)], [])
    assert (again.inserted, again.forgotten, again.rejections) == (0, 1, {})
    assert standing[_row(article_id).key] == _row(article_id), "the stage has its verdict all the same"
    assert not store.duplicates.versions([article_id])

    assert store.removals.recall([article_id]) == 1
    assert store.write([whole]).inserted == 1


def test_the_copies_of_what_is_removed_are_those_of_its_heir(store: SqlStore) -> None:
    store.write(
        [
            record("bridge", published=NOON - 10 * _HOUR),
            _copy("first", "bridge", hours=1),
            _copy("second", "first", hours=2),
            _copy("near", "bridge", Verdict.NEAR, hours=3),
        ]
    )
    store.duplicates.record([_row("bridge"), _row("first", "bridge"), _row("second", "first")], [])
    removals = store.removals

    assert [one.article_id for one in removals.copies_of(["bridge"])] == ["first", "second", "near"]
    assert removals.heirs(["bridge"], {"bridge"}) == {"bridge": ["first", "second"]}
    assert removals.heirs(["bridge"], {"bridge", "first"}) == {"bridge": ["second"]}
    assert removals.heirs(["first"], {"first"}) == {}, "a copy has nothing to hand on"

    removals.remove(["bridge"], {"bridge": "first"}, _DONE)

    assert _duplicates_of(store) == {"first": None, "second": "first", "near": "first"}
    heir = store.article("first")
    assert heir is not None
    assert (heir.duplicate.verdict, heir.duplicate.duplicate_of) == (Verdict.ORIGINAL, None)
    (row,) = store.duplicates.versions(["first"])["first"]
    assert (row.duplicate.verdict, row.duplicate.duplicate_of) == (Verdict.ORIGINAL, None)


def test_a_copy_between_two_others_takes_nothing_from_them(store: SqlStore) -> None:
    store.write(
        [
            record("bridge", published=NOON - 10 * _HOUR),
            _copy("first", "bridge", hours=1),
            _copy("second", "first", hours=2),
        ]
    )

    store.removals.remove(["first"], {}, _DONE)

    assert _duplicates_of(store) == {"bridge": None, "second": "bridge"}


def test_articles_are_found_by_outlet_address_and_age_a_page_at_a_time(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.stores.sql.removals._PAGE", 2)
    made = [
        record(f"a{number}", published=NOON - number // 2 * _HOUR, source="Post" if number % 2 else "Echo")
        for number in range(7)
    ]
    addressed = made[3].model_copy(
        update={"article": made[3].article.model_copy(update={"url": "https://post.example/3"})}
    )
    store.write([*made[:3], addressed, *made[4:]])

    def ids(**wanted: object) -> list[str]:
        return [one.article_id for one in store.removals.found(Removal(**wanted))]  # type: ignore[arg-type]

    assert ids() == ["a6", "a4", "a5", "a2", "a3", "a0", "a1"]
    assert ids(source="Post") == ["a5", "a3", "a1"]
    assert ids(url="https://post.example/3") == ["a3"]
    assert ids(before=NOON - _HOUR) == ["a6", "a4", "a5"]
    assert ids(article_ids=("a1", "a4", "none")) == ["a4", "a1"]


@pytest.mark.long
def test_a_pipeline_forgets_an_article_and_its_copy_speaks_for_itself(new_pipeline: NewPipeline) -> None:
    pipeline = new_pipeline()
    text = "Ferry late\n\n“It is the tide,” said Ada Bell, the harbour master of Leeds.\n\nThe ferry came at noon."
    first = article(1).model_copy(update={"text": text, "title": None, "source": "Harbour Post"})
    copy = article(2).model_copy(
        update={"text": text, "title": None, "source": "Copyist", "published_at": None}
    )
    worker = pipeline.worker().wait_ready()
    pipeline.publish([first])
    pipeline.await_closed()
    pipeline.publish([copy])
    pipeline.publish_bytes([(b"broken", encode(first).replace(b'"text":', b'"txt":'))])
    pipeline.await_closed()

    planned = json.loads(pipeline.run("forget", "--source", "Harbour Post", "--json").stdout)
    assert (planned["dry_run"], planned["articles"], planned["copies_that_stay"]) == (
        True,
        1,
        [copy.article_id],
    )
    assert pipeline.stored() == {first.article_id, copy.article_id}
    done = pipeline.run("forget", first.article_id, "--execute")
    assert done.returncode == 0, done.stderr

    assert pipeline.stored() == {copy.article_id}
    (quote,) = (json.loads(line) for line in pipeline.run("quotes", "--json").stdout.splitlines())
    assert (quote["speaker"], quote["article_id"]) == ("Ada Bell", copy.article_id)
    shown = pipeline.run("show", first.article_id)
    assert shown.returncode == 1
    assert b"removed on purpose" in shown.stderr

    pipeline.publish([first, copy])
    pipeline.await_lag_zero()
    ledger = pipeline.await_closed()
    assert (ledger.stored, ledger.forgotten, ledger.dead_lettered) == (1, 1, 1)
    assert pipeline.stored() == {copy.article_id}
    (again,) = (json.loads(line) for line in pipeline.run("quotes", "--json").stdout.splitlines())
    assert again["article_id"] == copy.article_id
    assert worker.stop() == 0


@pytest.mark.long
def test_old_articles_go_and_dead_letters_lose_what_they_held(new_pipeline: NewPipeline) -> None:
    pipeline = new_pipeline()
    pipeline.faulty_worker(options=["--light"]).wait_ready()
    old, new = article(1), article(2)
    old = old.model_copy(update={"published_at": NOON - 24 * 365 * 20 * _HOUR})
    bad = article(3).model_copy(update={"text": "a\x00b", "published_at": old.published_at})
    pipeline.publish([old, new, bad])
    pipeline.await_closed()
    (letter,) = pipeline.letters()

    dry = json.loads(pipeline.run("retain", "--older-than", "2020", "--json").stdout)
    done = json.loads(pipeline.run("retain", "--older-than", "2020", "--execute", "--json").stdout)

    assert (dry["removed"], dry["articles"], dry["dead_letters"]) == (0, 1, 1)
    assert (done["removed"], done["dead_letters"]) == (1, 1)
    assert pipeline.stored() == {new.article_id}
    shown = json.loads(pipeline.run("dead-letters", "show", letter.letter_id, "--json").stdout)
    assert (shown["status"], shown["value"], shown["key"]) == ("forgotten", None, None)
    ledger = pipeline.await_closed()
    assert (ledger.stored, ledger.forgotten, ledger.dead_lettered) == (1, 2, 0)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "say which"),
        (["--recall", "--source", "Post"], "--recall takes ids"),
    ],
)
def test_what_is_meant_has_to_be_said(new_pipeline: NewPipeline, arguments: list[str], said: str) -> None:
    pipeline = new_pipeline()
    pipeline.run("store", "upgrade")
    done = pipeline.run("forget", *arguments)
    assert (done.returncode, said in done.stderr.decode()) == (2, True), done.stderr
