"""The duplicates stage beside datasketch and rensa, on one made-up corpus in one run.

    python benchmarks/duplicates.py                    speed, memory, recall and precision of each
    python benchmarks/duplicates.py --index 1000000    ours with that many articles: memory, speed, rebuild

Each system runs alone in a process of its own, one after another, over the same texts in the same order. Speed counts
the time of the processor. Memory is what the resident set grows by, for an article held. Recall is the share of the
copies that were given an earlier article of their story, precision the share of the given ones that are of the same
story; the last column counts the first versions that were given any, many of which are reports on one form or share a
statement.
"""

from __future__ import annotations

import argparse
import gc
import importlib.util
import multiprocessing
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.press import Doc, Press
from pipeline.record import Article, Duplicate
from pipeline.stages.base import Rejection
from pipeline.stages.duplicates import (
    Deduplicator,
    MemoryStateStore,
    Merge,
    StateKey,
    StateRow,
    StoredSketches,
)
from pipeline.stages.duplicates.frequencies import STORY
from pipeline.stages.duplicates.records import Indexing, Records, pack, unpack
from pipeline.stages.duplicates.sketch import LEAD_LENGTH, NUMBERS_KEPT, SKETCH_SIZE, Sketches, sketch
from pipeline.stores.sql.database import connect
from pipeline.stores.sql.duplicate_state import DatabaseStateStore
from pipeline.stores.sql.schema import duplicate_state, metadata

PEERS_MISSING = (
    "datasketch and rensa are missing: pip install --require-hashes -r requirements/bench.txt"
    " && pip install --no-deps -e ."
)
BATCH, CHUNK = 256, 8192
WORD = re.compile(r"\w+")
PERMUTATIONS, BANDS = 128, 32
START = datetime(2031, 1, 1, tzinfo=UTC)
T = TypeVar("T")
A = TypeVar("A")
FIRST_VERSIONS = {"story", "form", "statement"}


class Result(NamedTuple):
    """For each document the number of an earlier one or None; seconds of the processor; bytes; articles held."""

    given: list[int | None]
    seconds: float
    grown: int
    held: int


def resident() -> int:
    """The resident set of this process, bytes."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def measured(
    step: Callable[[T], Sequence[A]], batches: Iterable[T], number: Callable[[A], int | None]
) -> Result:
    """Run `step` over batches; their making, and the reading of `number` in the answers, are not on the clock."""
    given: list[int | None] = []
    before, seconds = resident(), 0.0
    for batch in batches:
        started = time.process_time()
        answers = step(batch)
        seconds += time.process_time() - started
        given += map(number, answers)
    return Result(given, seconds, resident() - before, len(given))


def batches_of(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """Some hundreds of texts at a time."""
    return (texts[at : at + BATCH] for at in range(0, len(texts), BATCH))


class ForgetfulStore(MemoryStateStore):
    """Keeps nothing, so that the memory measured is that of the index."""

    def record(self, rows: Sequence[StateRow], merges: Sequence[Merge]) -> Mapping[StateKey, StateRow]:
        """Say that every row stands."""
        del merges
        return {row.key: row for row in rows}


def articles(texts: Iterable[str], first: int, seconds_apart: float = 1.0) -> list[Article]:
    """Articles taken in one after another."""
    return [
        Article.model_construct(
            article_id=f"{number % 2**128:032x}",
            source="Fennmark Courier",
            url=None,
            title=None,
            text=text,
            language=None,
            published_at=None,
            ingested_at=START + timedelta(seconds=number * seconds_apart),
        )
        for number, text in enumerate(texts, first)
    ]


def ours(texts: Sequence[str]) -> Result:
    """The duplicates stage."""
    stage = Deduplicator(ForgetfulStore())
    batches = (articles(batch, first * BATCH) for first, batch in enumerate(batches_of(texts)))
    return measured(stage.decide, batches, number_of)._replace(held=len(stage))


def number_of(verdict: Duplicate | Rejection) -> int | None:
    """The document that an article was matched to."""
    if isinstance(verdict, Duplicate) and verdict.duplicate_of:
        return int(verdict.duplicate_of, 16)
    return None


def shingles(text: str) -> list[str]:
    """Word 3-shingles, of words without punctuation, since copies differ in it."""
    words = WORD.findall(text.lower())
    return [" ".join(words[at : at + 3]) for at in range(len(words) - 2)]


def datasketch(texts: Sequence[str], threshold: float) -> Result:
    """MinHashLSH, candidates ranked by estimated Jaccard index."""
    from datasketch import MinHash, MinHashLSH  # noqa: PLC0415 - an extra of this benchmark

    lsh = MinHashLSH(threshold=threshold, num_perm=PERMUTATIONS)
    sketches: list[Any] = []

    def step(batch: Sequence[str]) -> list[int | None]:
        given = []
        for text in batch:
            sketch = MinHash(num_perm=PERMUTATIONS)
            sketch.update_batch([shingle.encode() for shingle in shingles(text)])
            ranked = ((sketch.jaccard(sketches[number]), -number) for number in lsh.query(sketch))
            given.append(best_of(ranked, 0.0))
            lsh.insert(len(sketches), sketch)
            sketches.append(sketch)
        return given

    return measured(step, batches_of(texts), as_given)


def rensa(texts: Sequence[str]) -> Result:
    """RMinHashLSH, candidates verified by estimated Jaccard index."""
    from rensa import RMinHash, RMinHashLSH  # noqa: PLC0415 - an extra of this benchmark

    lsh = RMinHashLSH(threshold=0.5, num_perm=PERMUTATIONS, num_bands=BANDS)
    sketches: list[Any] = []

    def step(batch: Sequence[str]) -> list[int | None]:
        given = []
        for text in batch:
            sketch = RMinHash(num_perm=PERMUTATIONS, seed=42)
            sketch.update(shingles(text))
            ranked = ((sketch.jaccard(sketches[number]), -number) for number in lsh.query(sketch))
            given.append(best_of(ranked, 0.5))
            lsh.insert(len(sketches), sketch)
            sketches.append(sketch)
        return given

    return measured(step, batches_of(texts), as_given)


def as_given(number: int | None) -> int | None:
    """What the peers' steps answer with."""
    return number


def best_of(ranked: Iterable[tuple[float, int]], threshold: float) -> int | None:
    """The most similar earlier document, the earliest of equals."""
    jaccard, number = max(ranked, default=(-1.0, 0))
    return -number if jaccard >= threshold else None


SYSTEMS: dict[str, Callable[[Sequence[str]], Result]] = {
    "news-pipeline": ours,
    "datasketch 0.5": lambda texts: datasketch(texts, 0.5),
    "datasketch 0.7": lambda texts: datasketch(texts, 0.7),
    "rensa 0.5 (32 x 4)": rensa,
}


def run(name: str, texts: Sequence[str]) -> Result:
    """For the child process: systems are found by name, since functions of a script don't travel."""
    return SYSTEMS[name](texts)


def alone(function: Callable[..., Any], *arguments: object) -> Any:
    """Call a function in a fresh process."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(function, arguments)


def row(docs: Sequence[Doc], result: Result) -> list[str]:
    """What the table says of a result."""
    copies = sum(doc.kind not in FIRST_VERSIONS for doc in docs)
    given = [
        (doc, docs[number]) for doc, number in zip(docs, result.given, strict=True) if number is not None
    ]
    right = [doc for doc, earlier in given if doc.story == earlier.story]
    flagged = [doc.kind for doc, _ in given if doc.kind in FIRST_VERSIONS]
    first_versions = len(docs) - copies
    return [
        f"{result.grown / result.held:,.0f}",
        f"{sum(doc.kind not in FIRST_VERSIONS for doc in right) / copies:.3f}",
        f"{len(right) / max(len(given), 1):.3f}",
        f"{len(flagged)} / {first_versions}",
    ]


def compare_with_peers(size: int) -> Table:
    """All systems on one corpus."""
    docs = Press().corpus(size)
    texts = [doc.text for doc in docs]
    table = Table("system", title=f"{len(docs):,} articles, one core")
    for column in ("docs/s", "ours is", "bytes/doc", "recall", "precision", "false flags"):
        table.add_column(column, justify="right")
    fastest = 0.0
    for name in SYSTEMS:
        result = alone(run, name, texts)
        rate = len(docs) / result.seconds
        fastest = fastest or rate
        table.add_row(name, f"{rate:,.0f}", f"{fastest / rate:.1f} x", *row(docs, result))
    return table


class MadeUpStore(ForgetfulStore):
    """Holds so many different articles of 480 shingles, spread over three days."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def remembered(self, since: datetime, latest: int) -> Iterator[StoredSketches]:
        """All of them."""
        del since, latest
        random = np.random.default_rng(1)
        for first in range(0, self.size, CHUNK):
            numbers = np.arange(first, min(first + CHUNK, self.size))
            count = len(numbers)
            hashes = random.integers(0, (1 << 32) * SKETCH_SIZE // 480, (count, SKETCH_SIZE), np.uint32)
            figures = random.integers(0, 1 << 16, (count, NUMBERS_KEPT), np.uint16)
            leads = random.integers(0, 1 << 16, (count, LEAD_LENGTH), np.uint16)
            hashes.sort(axis=1)
            figures.sort(axis=1)
            records = Records(
                np.full(count, Indexing.SIMILARITY, np.uint8),
                int(START.timestamp() * 1e6) + numbers * (72 * 3_600_000_000 // self.size),
                numbers,
                random.integers(1, 1 << 63, count, np.uint64),
                np.zeros(count, np.uint64),
                np.full(count, STORY, np.uint8),
                Sketches(
                    hashes,
                    np.full(count, 480, np.uint32),
                    figures,
                    leads,
                    np.zeros(count, np.uint8),
                    np.zeros(count, np.uint16),
                ),
            )
            names = [f"{number:032x}" for number in numbers.tolist()]
            yield StoredSketches(names, names, pack(records))


def filled(size: int) -> tuple[float, float, float, float]:
    """Index so many different articles.

    Gives bytes each; articles a second that are then judged; and the seconds of one, for its sketch and for reading a
    sketch that is stored.
    """
    press = Press()
    stage = Deduplicator(MadeUpStore(size))
    before = resident()
    stage.load(START)
    each = (resident() - before) / len(stage)
    seconds = sketching = 0.0
    for first in range(size, size + 20 * BATCH, BATCH):
        batch = articles(press.quick_texts(BATCH), first, 72 * 3600 / size)
        started = time.process_time()
        stage.decide(batch)
        judged = time.process_time()
        sketch([article.text for article in batch], [article.source for article in batch])
        seconds += judged - started
        sketching += time.process_time() - judged
    read = next(MadeUpStore(BATCH).remembered(START, 0)).sketches
    started = time.process_time()
    for _ in range(20):
        unpack(read)
    return (
        each,
        20 * BATCH / seconds,
        sketching / (20 * BATCH),
        (time.process_time() - started) / (20 * BATCH),
    )


def stored(path: Path, size: int) -> None:
    """Write so many rows to a database."""
    engine = connect(f"sqlite:///{path}")
    metadata.create_all(engine)
    names = ("article_id", "cluster_id", "sketch")
    for chunk in MadeUpStore(size).remembered(START, 0):
        rows = [
            {
                **dict(zip(names, values, strict=True)),
                "content_hash": values[2][:16],
                "verdict": "original",
                "time": START,
            }
            for values in zip(*chunk, strict=True)
        ]
        with engine.begin() as connection:
            connection.execute(duplicate_state.insert(), rows)


def rebuilt(path: Path) -> tuple[int, float]:
    """Load an index from the database; gives the rows and the rows a second."""
    stage = Deduplicator(DatabaseStateStore(connect(f"sqlite:///{path}")))
    started = time.process_time()
    count = stage.load(START)
    return count, count / (time.process_time() - started)


def fill_and_rebuild(size: int) -> Table:
    """Ours at size."""
    table = Table("measure", title=f"an index of {size:,} articles, one core")
    table.add_column("figure", justify="right")
    each, rate, sketching, reading = alone(filled, size)
    table.add_row("bytes an indexed article", f"{each:,.0f}")
    table.add_row("articles/s judged at that size", f"{rate:,.0f}")
    table.add_row("microseconds of one: its sketch", f"{1e6 * sketching:.1f}")
    table.add_row("microseconds of one: all else", f"{1e6 * (1 / rate - sketching):.1f}")
    table.add_row("microseconds to read the sketch of one", f"{1e6 * reading:.1f}")
    for workers in (2, 4, 8, 16):
        shared = sketching / workers + reading + (1 / rate - sketching)
        table.add_row(f"articles/s if {workers} share the sketching, and all read all", f"{1 / shared:,.0f}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state.db"
        alone(stored, path, min(size, 200_000))
        count, rate = alone(rebuilt, path)
    table.add_row(f"rows/s, rebuilt from {count:,} rows in SQLite", f"{rate:,.0f}")
    return table


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--articles", type=int, default=20_000, help="size of the corpus")
    parser.add_argument("--index", type=int, metavar="N", help="measure ours alone with N articles")
    options = parser.parse_args()
    if options.index:
        Console(width=100).print(fill_and_rebuild(options.index))
        return
    if not all(map(importlib.util.find_spec, ("datasketch", "rensa"))):
        sys.exit(PEERS_MISSING)
    Console(width=100).print(compare_with_peers(options.articles))


if __name__ == "__main__":
    main()
