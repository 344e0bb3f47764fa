"""`pipeline reprocess`: what the rules of today find in stored articles, shown first and then stored."""

from __future__ import annotations

import json

import pytest

from pipeline.record import EnrichedArticle, Polarity
from pipeline.stores.sql.queries.articles import article as stored
from pipeline.stores.sql.store import SqlStore
from tests.integration.conftest import NewPipeline
from tests.support.pipelines import LivePipeline

pytestmark = pytest.mark.long

_SAID = "Bridge closed\n\n“It is not safe,” said Ada Quill, the mayor of Fenmouth. Tom Reed denied that he had known."
_PLAIN = (
    "Ferry late\n\nThe ferry came an hour late on Monday, in a fog that had not been forecast by anybody."
)


@pytest.fixture
def pipeline(new_pipeline: NewPipeline) -> LivePipeline:
    pipeline = new_pipeline()
    pipeline.worker()
    (pipeline.folder / "a.txt").write_text(_SAID, encoding="utf-8")
    (pipeline.folder / "b.txt").write_text(_PLAIN, encoding="utf-8")
    assert pipeline.run("replay", "a.txt", "b.txt").returncode == 0
    pipeline.await_closed()
    return pipeline


def _record(pipeline: LivePipeline) -> EnrichedArticle:
    records = (stored(pipeline.engine, article_id) for article_id in pipeline.stored())
    (found,) = (record for record in records if record and record.quotes)
    return found


def _as_older_rules_had_it(record: EnrichedArticle) -> EnrichedArticle:
    """The same with a denial as an assertion, and a speaker who was not found."""
    first, *_, last = record.quotes
    assert last.polarity is Polarity.DENIED
    quotes = (
        first.model_copy(update={"speaker": None}),
        last.model_copy(update={"polarity": Polarity.ASSERTED}),
    )
    return record.model_copy(update={"quotes": quotes})


def test_what_would_change_is_shown_and_then_changed_through_the_broker(pipeline: LivePipeline) -> None:
    right = _record(pipeline)
    store = SqlStore(pipeline.engine)
    assert store.write([_as_older_rules_had_it(right)]).updated == 1

    shown = pipeline.run("reprocess", "--stage", "quotes", "--json")

    assert shown.returncode == 0, shown.stderr
    told = json.loads(shown.stdout)
    assert (told["dry_run"], told["articles"], told["changed"], told["accepted"]) == (True, 2, 1, 0)
    assert {kind: found["count"] for kind, found in told["differences"].items()} == {
        "speakers that change": 1,
        "polarities that change": 1,
    }
    (example,) = told["differences"]["polarities that change"]["examples"]
    assert (example["before"], example["after"]) == ("asserted", "denied")
    assert _record(pipeline).quotes != right.quotes, "nothing is changed by a look"

    done = pipeline.run("reprocess", "--stage", "quotes", "--execute")

    assert done.returncode == 0, done.stderr
    assert b"1 articles were sent to news.raw again" in done.stdout + done.stderr
    pipeline.await_lag_zero()
    ledger = pipeline.await_closed()
    assert ledger.closed
    assert _record(pipeline).quotes == right.quotes
    again = json.loads(pipeline.run("reprocess", "--stage", "entities", "--json").stdout)
    assert (again["changed"], again["differences"]) == (0, {})


def test_only_what_is_asked_for_is_looked_at_and_an_unknown_stage_is_one_line(pipeline: LivePipeline) -> None:
    told = json.loads(pipeline.run("reprocess", "--source", "nobody", "--json").stdout)
    assert told["articles"] == 0
    assert json.loads(pipeline.run("reprocess", "--until", "2001", "--json").stdout)["articles"] == 0
    refused = pipeline.run("reprocess", "--stage", "duplicates")
    assert refused.returncode == 2
    (line,) = refused.stderr.decode().splitlines()
    assert "--stage duplicates: there are entities, quotes" in line
