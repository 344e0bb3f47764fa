"""The seeds through the whole pipeline, beside what the gold file says is in them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pipeline.flow import FLOW
from pipeline.record import Article, EnrichedArticle
from pipeline.sources import Limits, read_articles
from pipeline.stores.sql.queries.articles import article as stored_article
from tests.integration.conftest import NewPipeline
from tests.support.pipelines import LivePipeline
from tests.support.workers import WorkerProcess

_PROJECT = Path(__file__).parent.parent.parent
_SEEDS = _PROJECT / "seeds"
_GOLD: Mapping[str, Mapping[str, Any]] = json.loads(
    (_PROJECT / "tests" / "gold" / "seeds.json").read_text(encoding="utf-8")
)

# What the stages find of what the gold file lists; they are measured on far more text in the benchmarks.
_LEAST_SHARE_OF_PEOPLE = 0.85
_LEAST_SHARE_OF_QUOTES = 0.95
_LEAST_SHARE_OF_SPEAKERS = 0.85


@dataclass(frozen=True)
class Flow:
    """The seeds, gone through a worker with all stages."""

    pipeline: LivePipeline
    worker: WorkerProcess
    seeds: Mapping[str, Article]
    records: Mapping[str, EnrichedArticle]


def _seeds() -> dict[str, Article]:
    """The seeds by their names in the gold file: the file, and the line where it holds several."""
    found: dict[str, Article] = {}
    for path in sorted(_SEEDS.iterdir()):
        articles = [item for item in read_articles([str(path)], limits=Limits()) if isinstance(item, Article)]
        for line, article in enumerate(articles, 1):
            found[path.name if len(articles) == 1 else f"{path.name}:{line}"] = article
    return found


@pytest.fixture(scope="module")
def flow(new_pipeline: NewPipeline) -> Flow:
    pipeline = new_pipeline()
    worker = pipeline.worker()
    replayed = pipeline.run("replay", str(_SEEDS), "--json")
    assert replayed.returncode == 0, replayed.stderr
    worker.wait_ready()
    pipeline.await_closed()
    pipeline.await_lag_zero()
    seeds = _seeds()
    stored = {name: stored_article(pipeline.engine, article.article_id) for name, article in seeds.items()}
    return Flow(pipeline, worker, seeds, {name: record for name, record in stored.items() if record})


def test_every_seed_is_stored_with_its_text_as_it_came(flow: Flow) -> None:
    assert set(flow.records) == set(flow.seeds) == set(_GOLD)
    assert all(flow.records[name].article.text == article.text for name, article in flow.seeds.items())


@pytest.mark.parametrize("name", sorted(_GOLD))
def test_each_seed_gets_the_verdict_that_it_was_written_for(flow: Flow, name: str) -> None:
    duplicate, gold = flow.records[name].duplicate, _GOLD[name]
    original = flow.seeds[gold["duplicate_of"]].article_id if gold["duplicate_of"] else None

    assert (duplicate.verdict, duplicate.duplicate_of) == (gold["verdict"], original)


def test_the_people_of_the_seeds_are_found_under_their_names(flow: Flow) -> None:
    named = {
        name: {entity.name for entity in record.entities if entity.type == "PERSON"}
        for name, record in flow.records.items()
    }
    wanted = [(name, person) for name in _analysed() for person in _GOLD[name]["people"]]
    missed = [(name, person) for name, person in wanted if person not in named[name]]

    assert len(missed) <= (1 - _LEAST_SHARE_OF_PEOPLE) * len(wanted), missed


def test_the_quoted_words_of_the_seeds_are_found_with_their_marks(flow: Flow) -> None:
    missed = [
        (name, text)
        for name, text, _ in _quoted_words()
        if not any(text in quote.text for quote in flow.records[name].quotes)
    ]

    assert len(missed) <= (1 - _LEAST_SHARE_OF_QUOTES) * len(_quoted_words()), missed


def test_the_quoted_words_of_the_seeds_have_their_speakers(flow: Flow) -> None:
    missed = [
        (name, text, speaker)
        for name, text, speaker in _quoted_words()
        if not any(
            text in quote.text and speaker == (quote.speaker and quote.speaker.name)
            for quote in flow.records[name].quotes
        )
    ]

    assert len(missed) <= (1 - _LEAST_SHARE_OF_SPEAKERS) * len(_quoted_words()), missed


def test_spans_are_code_points_of_the_stored_text(flow: Flow) -> None:
    spans = [
        (record.article.text, span)
        for record in flow.records.values()
        for span in (*record.quotes, *(mention for entity in record.entities for mention in entity.mentions))
    ]

    assert len(spans) > 100
    assert all(text[span.start : span.end] == span.text for text, span in spans)


def test_replaying_the_same_files_twice_changes_no_row(flow: Flow) -> None:
    before = flow.pipeline.rows(numbered=True)

    for _ in range(2):
        assert flow.pipeline.run("replay", str(_SEEDS)).returncode == 0
        flow.pipeline.await_lag_zero()

    assert flow.pipeline.rows(numbered=True) == before
    assert flow.pipeline.ledger().closed


def test_every_message_is_counted_once_by_its_outcome(flow: Flow) -> None:
    flow.pipeline.await_lag_zero()

    for stage in FLOW.sources:
        committed = sum(
            lag.committed or 0
            for lag in flow.pipeline.lags()
            if lag.group == flow.pipeline.settings.group(stage)
        )
        assert flow.worker.metric("pipeline_messages_total", stage=stage) == committed > 0


def test_exact_copies_take_the_short_way(flow: Flow) -> None:
    exact = flow.worker.metric("pipeline_messages_total", stage="duplicates", outcome="exact")
    all_of_them = flow.worker.metric("pipeline_messages_total", stage="duplicates")

    assert exact >= 2
    assert flow.worker.metric("pipeline_messages_total", stage="quotes") == all_of_them - exact
    assert flow.worker.metric("pipeline_messages_total", stage="sink") == all_of_them


def test_a_worker_with_its_partitions_is_alive_and_ready(flow: Flow) -> None:
    assert flow.worker.probe("/live") == (200, "ok\n")
    assert flow.worker.probe("/ready") == (200, "ok\n")


def test_status_shows_lag_and_store(flow: Flow) -> None:
    flow.pipeline.await_lag_zero()

    done = flow.pipeline.run("status", "--json")
    status = json.loads(done.stdout)

    assert done.returncode == 0
    assert {lag["group"] for lag in status["lags"]} == {
        flow.pipeline.settings.group(stage) for stage in FLOW.sources
    }
    assert sum(lag["lag"] for lag in status["lags"]) == 0
    assert status["store"]["articles"] == len(_GOLD)
    assert status["raw_messages"] >= len(_GOLD)


def test_verify_says_that_the_ledger_is_closed(flow: Flow) -> None:
    done = flow.pipeline.run("verify", "--json")
    found = json.loads(done.stdout)

    assert done.returncode == 0
    assert found["closed"]
    assert found["accepted"] == found["stored"] == len(_GOLD)
    assert found["missing"] == found["doubled"] == found["orphans"] == found["dead_lettered"] == 0


def _analysed() -> list[str]:
    """Exact copies are stored without an analysis of their own."""
    return [name for name, gold in _GOLD.items() if gold["verdict"] != "exact"]


def _quoted_words() -> list[tuple[str, str, str | None]]:
    """The seed, the words and the speaker of each quotation in marks; a mixed one holds more than the words."""
    return [
        (name, quote["text"], quote["speaker"])
        for name in _analysed()
        for quote in _GOLD[name]["quotes"]
        if quote["kind"] in {"direct", "mixed"}
    ]
