"""What size costs: duplicates, store and searches grown for real, with records prepared in place of recognition.

    python benchmarks/scale.py [--until 100000] [--short] [--postgresql] [--at-most SECONDS] [--record]

Every article goes through the duplicates stage, whose state is in the same store, and is then stored, in
batches of 256, each one durable commit. One in ten is a copy of an earlier one. At 10,000, 30,000, 100,000, …
articles: articles a second of either over the last tenth, the rate of a new process that rebuilds its index,
bytes on disk and in memory, and what the newsroom's questions take (the mean of several askings). Seconds are
those of the processor, in this process and the database's together, so that neighbours on a busy machine
disturb them little. The articles are a second apart: up to 259,200 are inside the window of the duplicates
stage. With `--short` they have 80 words, 4 entities and a statement and are a quarter of a second apart, so that a
million is inside it. In the end, what it costs to remove the oldest tenth, and to give back its room (VACUUM).
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
from sqlalchemy import select, text

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.history import add_option, record
from benchmarks.processes import processor_seconds
from benchmarks.store import AS_USUAL, Shape, made_up_records
from pipeline.execution.memory import spare_collections
from pipeline.record import EnrichedArticle
from pipeline.record.trusted import with_parts
from pipeline.stages.base import Rejection
from pipeline.stages.duplicates import Deduplicator
from pipeline.stores.questions import ArticleQuestion, StatementQuestion
from pipeline.stores.removals import Forgotten
from pipeline.stores.sql.schema import articles
from pipeline.stores.sql.store import SqlStore, open_sql_store
from tests.integration.postgres import running_server

BATCH = 256
_SHORT = Shape(words=80, entities=4, quotes=1, apart=0.25)
_REMOVED_AT_ONCE = 200  # as `pipeline retain` does
_POINTS = (10_000, 30_000, 100_000, 300_000, 1_000_000)
_ASKED = 10
_MEMORY = 5_000

Clock = Callable[[], float]
"""Gives the processor seconds so far, of all processes that take part."""


class Growth:
    """Articles going in, batch by batch, and the seconds that they take."""

    def __init__(self, store: SqlStore, until: int, clock: Clock, shape: Shape, end: float) -> None:
        self._clock = clock
        self._end = end
        self.store = store
        store.upgrade()
        self._deduplicator = Deduplicator(store.duplicates)
        self._prepared = iter(made_up_records(until, shape=shape))
        self._draw = random.Random(3)  # noqa: S311 - which are copies is no secret
        self._earlier: deque[EnrichedArticle] = deque(maxlen=_MEMORY)
        self.stored = 0
        self.judging = self.storing = 0.0
        self.copies = 0

    @property
    def last(self) -> EnrichedArticle:
        """One that was stored a moment ago."""
        return self._earlier[-1]

    @property
    def is_late(self) -> bool:
        """Whether the time there was is over."""
        return time.monotonic() > self._end

    @property
    def index_bytes(self) -> int:
        """Of the index in memory."""
        return self._deduplicator.nbytes

    def grow(self, count: int) -> None:
        """Take in so many more articles, as long as there is time."""
        for start in range(0, count, BATCH):
            if self.is_late:
                return
            batch = list(self._batch(min(BATCH, count - start)))
            before = self._clock()
            verdicts = self._deduplicator.decide([record.article for record in batch])
            between = self._clock()
            judged = []
            for prepared, verdict in zip(batch, verdicts, strict=True):
                if isinstance(verdict, Rejection):
                    raise SystemExit(f"an article was rejected: {verdict.detail}")
                self.copies += verdict.duplicate_of is not None
                judged.append(with_parts(prepared, duplicate=verdict))
            storing = self._clock()
            if self.store.write(judged).rejections:
                raise SystemExit("a record was rejected")
            self.judging += between - before
            self.storing += self._clock() - storing
            self.stored += len(batch)
            self._earlier += batch

    def _batch(self, size: int) -> Iterator[EnrichedArticle]:
        for prepared in islice(self._prepared, size):
            if self._earlier and self._draw.random() < 0.1:
                of = self._draw.choice(self._earlier)
                copied = of.article.model_copy(
                    update={
                        "article_id": prepared.article.article_id,
                        "published_at": prepared.article.published_at,
                        "ingested_at": prepared.article.ingested_at,
                    }
                )
                yield of.model_copy(update={"article": copied})
            else:
                yield prepared


def rebuilt(store: SqlStore, last: EnrichedArticle, clock: Clock) -> float:
    """Rows a second of a new process's index."""
    deduplicator = Deduplicator(store.duplicates)
    before = clock()
    return deduplicator.load(last.article.ingested_at) / (clock() - before)


def questions(store: SqlStore, some: EnrichedArticle) -> dict[str, Callable[[], Any]]:
    """What a newsroom asks, of somebody and something that are named in the store."""
    ask = store.searches
    name, words = some.entities[0].name, some.article.text.split()
    word, pair = max(words[:200], key=len), " ".join(words[20:22])
    return {
        "statements of a speaker": lambda: ask.search_statements(StatementQuestion(speaker=name)),
        "statements about a word": lambda: ask.search_statements(StatementQuestion(about=word)),
        "articles with a word": lambda: ask.search_articles(ArticleQuestion(words=word)),
        "articles with two words together": lambda: ask.search_articles(ArticleQuestion(words=f'"{pair}"')),
        "articles naming somebody": lambda: ask.search_articles(ArticleQuestion(naming=name)),
        "the newest articles": ask.newest_articles,
        "who is named most": ask.top_entities,
        "the largest stories": ask.largest_clusters,
        "one article": lambda: store.article(some.article.article_id),
    }


def seconds_of(question: Callable[[], Any], clock: Clock) -> float:
    taken = []
    for _ in range(_ASKED):
        before = clock()
        question()
        taken.append(clock() - before)
    return statistics.mean(taken)


def size_of(store: SqlStore, folder: Path) -> int:
    """Bytes on disk."""
    if store.engine.dialect.name == "postgresql":
        with store.engine.connect() as connection:
            return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
    return sum(path.stat().st_size for path in folder.glob("store.db*"))


def shrunk(store: SqlStore, folder: Path, clock: Clock) -> dict[str, float]:
    """What it costs to remove the oldest tenth of what is stored, and then to have its room back."""
    number = store.count_articles() // 10
    with store.engine.connect() as connection:
        query = select(articles.c.article_id).order_by(articles.c.time).limit(number)
        oldest = list(connection.execute(query).scalars())
    size, before = size_of(store, folder), clock()
    for cut in range(0, number, _REMOVED_AT_ONCE):
        store.removals.remove(oldest[cut : cut + _REMOVED_AT_ONCE], {}, Forgotten(datetime.now(UTC), "age"))
    removing, after = clock() - before, size_of(store, folder)
    before, began = clock(), time.perf_counter()
    if store.engine.dialect.name == "postgresql":
        with store.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM FULL"))
    else:
        raw = store.engine.raw_connection()
        for statement in ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
            raw.cursor().execute(statement)
        raw.close()
    return {
        "removed": number,
        "removed a second": number / removing,
        "MB before": size / 1e6,
        "MB after it was removed": after / 1e6,
        "seconds of VACUUM, of the processor": clock() - before,
        "seconds of VACUUM, on the clock": time.perf_counter() - began,
        "MB after VACUUM": size_of(store, folder) / 1e6,
    }


def measured(growth: Growth, folder: Path, until: int, clock: Clock) -> Iterator[dict[str, float]]:
    """The figures at each point, those of growing smaller last."""
    store = growth.store
    spare_collections()  # as a worker does
    try:
        for point in [point for point in _POINTS if point <= until] or [until]:
            growth.grow(point - point // 10 - growth.stored)
            if growth.is_late:
                print(f"stopped at {growth.stored:,} articles", flush=True)
                break
            judging, storing, before = growth.judging, growth.storing, growth.stored
            growth.grow(point - growth.stored)
            count = growth.stored - before
            yield {
                "articles": growth.stored,
                "copies found": growth.copies,
                "judged a second": count / (growth.judging - judging),
                "stored a second": count / (growth.storing - storing),
                "rows a second, index rebuilt": rebuilt(store, growth.last, clock),
                "bytes of the store an article": size_of(store, folder) / growth.stored,
                "bytes of the index an article": growth.index_bytes / growth.stored,
                "MiB of the process": psutil.Process().memory_info().rss / 2**20,
                **{
                    f"ms: {what}": 1000 * seconds_of(question, clock)
                    for what, question in questions(store, growth.last).items()
                },
            }
        yield {"articles": growth.stored, **shrunk(store, folder, clock)}
    finally:
        store.close()


def _clock_with(server: int) -> Clock:
    return lambda: time.process_time() + processor_seconds(server)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--until", type=int, default=100_000)
    parser.add_argument(
        "--postgresql", action="store_true", help="on a PostgreSQL of its own, in place of SQLite"
    )
    parser.add_argument("--short", action="store_true", help="articles of 80 words, closer together")
    parser.add_argument("--at-most", type=float, default=1e6, metavar="SECONDS", help="then stop growing")
    add_option(parser)
    arguments = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        clock: Clock = time.process_time
        database, url = "SQLite", f"sqlite:///{folder}/store.db"
        if arguments.postgresql:
            server = stack.enter_context(running_server(durable=True))
            database, url, clock = "PostgreSQL", server.new_database(), _clock_with(server.pid)
        figures_at_end: dict[str, float] = {}
        shape = _SHORT if arguments.short else AS_USUAL
        growth = Growth(
            open_sql_store(url), arguments.until, clock, shape, time.monotonic() + arguments.at_most
        )
        for figures in measured(growth, folder, arguments.until, clock):
            print(f"{database}, {figures['articles']:,} articles", flush=True)
            for what, value in figures.items():
                print(f"  {what:<42}{value:>14,.1f}", flush=True)
            figures_at_end |= figures
    record(arguments, f"scale, {database}{', short' if arguments.short else ''}", figures_at_end)


if __name__ == "__main__":
    main()
