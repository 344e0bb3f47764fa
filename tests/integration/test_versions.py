"""Which version of an article stands, and what the ledger proves of it: through the whole pipeline."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from pipeline.kafka.admin import LATEST
from pipeline.kafka.topics import Topic
from pipeline.record import Article
from pipeline.stores.sql.database import writing
from pipeline.stores.sql.mapping import json_text
from pipeline.stores.sql.queries.articles import article as stored_article
from pipeline.stores.sql.queries.ids import SqlVersions
from pipeline.stores.sql.schema import articles as articles_table
from pipeline.stores.sql.schema import superseded_versions
from pipeline.stores.versions import version_hash
from tests.integration.conftest import NewPipeline
from tests.support.articles import article
from tests.support.pipelines import LivePipeline
from tests.support.waiting import eventually

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def pipeline(new_pipeline: NewPipeline) -> LivePipeline:
    made = new_pipeline()
    made.faulty_worker(options=["--light"]).wait_ready()
    return made


def _corrected(first: Article, *, clock: timedelta = timedelta()) -> Article:
    text = f"{first.text}\n\nCorrection: it was the other harbour."
    return first.model_copy(update={"text": text, "ingested_at": first.ingested_at + clock})


def test_a_correction_from_a_host_whose_clock_is_behind_stands_and_a_replay_changes_nothing(
    pipeline: LivePipeline,
) -> None:
    first = article(1)
    corrected = _corrected(first, clock=timedelta(hours=-1))
    already = pipeline.await_closed().versions  # of the tests before this one
    begins = sum(pipeline.admin.offsets(Topic.RAW, LATEST).values())
    pipeline.publish([first])
    pipeline.await_lag_zero()
    pipeline.publish([corrected])
    pipeline.await_lag_zero()
    before = pipeline.rows(numbered=True)
    pipeline.publish([first.model_copy(update={"ingested_at": first.ingested_at + timedelta(hours=1)})])
    pipeline.await_lag_zero()

    found = stored_article(pipeline.engine, first.article_id)
    assert found is not None
    assert found.article == corrected
    assert pipeline.rows(numbered=True) == before
    versions = pipeline.await_closed().versions
    assert (versions.standing - already.standing, versions.superseded - already.superseded) == (1, 1)
    standing = SqlVersions(pipeline.engine).of([first.article_id])[first.article_id]
    log = pipeline.admin.log(Topic.RAW)
    assert standing.intake.position is not None
    assert (standing.intake.position.log, standing.intake.position.offset) == (log, begins + 1)


def test_a_correction_that_is_gone_from_the_store_is_missing(pipeline: LivePipeline) -> None:
    first = article(2)
    corrected = _corrected(first)
    pipeline.publish([first, corrected])
    pipeline.await_lag_zero()
    assert pipeline.await_closed().closed
    _put_back(pipeline, first)

    found = pipeline.ledger()
    shown = pipeline.run("verify")
    as_json = json.loads(pipeline.run("verify", "--json").stdout)

    assert (found.closed, found.missing, found.versions.missing, found.versions.unread) == (False, 0, 1, 0)
    (named,) = found.samples["missing_versions"]
    assert named.startswith(f"{first.article_id} at 0/")
    assert shown.returncode == 1
    assert f"missing: {named}" in shown.stderr.decode()
    assert (as_json["closed"], as_json["versions"]["missing"]) == (False, 1)

    pipeline.publish([corrected])
    pipeline.await_lag_zero()
    assert pipeline.ledger().closed, "what is named can be put right by sending it again"


def _put_back(pipeline: LivePipeline, first: Article) -> None:
    """As if the correction had got lost: the store has the first version, and remembers nothing of the other."""
    table = articles_table
    row = {"text": first.text, "version_hash": version_hash(first), "record_hash": b"", "log_offset": 0}
    with writing(pipeline.engine) as connection:
        connection.execute(update(table).where(table.c.article_id == first.article_id).values(row))
        gone = superseded_versions.c.article_id == first.article_id
        connection.execute(superseded_versions.delete().where(gone))


def test_of_a_broker_that_has_forgotten_closed_is_not_said(
    new_pipeline: NewPipeline,
) -> None:
    pipeline = new_pipeline()
    pipeline.faulty_worker(options=["--light"]).wait_ready()
    first, other = article(3), article(4)
    pipeline.publish([first])
    pipeline.await_closed()
    with writing(pipeline.engine) as connection:
        row = connection.execute(select(articles_table)).mappings().one()
        connection.execute(
            articles_table.insert(),
            [{**row, "article_id": other.article_id, "authors": json_text(row["authors"])}],
        )

    found = json.loads(pipeline.run("verify", "--json").stdout)
    shown = pipeline.run("verify")

    assert (found["closed"], found["lost_by_broker"], found["orphans"]) == (False, 1, 1)
    assert shown.returncode == 1
    assert "1 stored articles are not on the raw topic, though it has its first message" in (
        shown.stderr.decode()
    )


def test_what_was_not_read_yet_is_missing_and_told_as_such(new_pipeline: NewPipeline) -> None:
    pipeline = new_pipeline()
    pipeline.publish([article(5), article(6)])

    found = pipeline.ledger()

    assert (found.closed, found.missing, found.versions.missing, found.versions.unread) == (False, 2, 2, 2)


def test_of_two_sources_with_one_id_the_first_stands_and_the_second_is_a_letter_that_says_so(
    new_pipeline: NewPipeline,
) -> None:
    pipeline = new_pipeline()
    pipeline.faulty_worker(options=["--light"]).wait_ready()
    lines = [
        {
            "id": 17,
            "source": source,
            "text": f"{word} in Fenmouth\n\nThe {word.lower()} was painted on Monday.",
        }
        for source, word in (("Fen Courier", "Harbour"), ("Harbour Post", "Library"))
    ]
    (pipeline.folder / "two.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")

    assert pipeline.run("replay", "two.jsonl").returncode == 0
    (letter,) = eventually(pipeline.letters)
    found = pipeline.await_closed()

    assert (letter.article_id, letter.stage, letter.reason) == ("17", "duplicates", "id-conflict")
    assert letter.error.startswith("id 17 is Fen Courier's; Harbour Post uses it too")
    first = stored_article(pipeline.engine, "17")
    assert first is not None
    assert first.article.source == "Fen Courier"
    assert (found.accepted, found.stored, found.dead_lettered) == (1, 1, 0)
    assert (found.versions.standing, found.versions.dead_lettered) == (1, 1)

    assert pipeline.run("dead-letters", "discard", letter.letter_id, "--yes").returncode == 0
    assert pipeline.run("replay", "two.jsonl", "--qualify-ids").returncode == 0
    pipeline.await_lag_zero()
    stored = set(pipeline.store.versions.of(["17", "Fen Courier/17", "Harbour Post/17"]))
    assert stored == {"17", "Fen Courier/17", "Harbour Post/17"}
    assert pipeline.await_closed().versions.discarded == 1
