"""How fast records are stored, replayed and counted: `python benchmarks/store.py [--postgresql]`.

Every batch is one durable commit (SQLite: WAL with synchronous=FULL; PostgreSQL: fsync on).
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from pipeline.record import (
    Article,
    Duplicate,
    EnrichedArticle,
    Entity,
    Provenance,
    Quote,
    QuoteKind,
    ResolvedBy,
    Span,
    Speaker,
    Verdict,
)
from pipeline.stores.incoming import checked
from pipeline.stores.sql.bulk import insert
from pipeline.stores.sql.database import connect, writing
from pipeline.stores.sql.migrate import upgrade
from pipeline.stores.sql.queries.ids import SqlVersions
from pipeline.stores.sql.rows import rows_of
from pipeline.stores.sql.schema import articles
from pipeline.stores.sql.store import SqlStore
from tests.integration.postgres import running_server

ENTITIES, QUOTES, WORDS, PARAGRAPH = 20, 15, 600, 40
START = datetime(2031, 5, 4, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Shape:
    """Of made-up articles: how much is in each, and how many seconds they are apart."""

    words: int = WORDS
    entities: int = ENTITIES
    quotes: int = QUOTES
    apart: float = 1.0


AS_USUAL = Shape()


def made_up_records(count: int, seed: int = 7, shape: Shape = AS_USUAL) -> Iterator[EnrichedArticle]:
    """Articles of made-up words, with the stated number of entities, twice as many mentions, and quotes each."""
    random_source = random.Random(seed)  # noqa: S311 - made-up text is no secret
    letters = "abcdefghijklmnoprstuvw"
    words = ["".join(random_source.choices(letters, k=random_source.randint(2, 9))) for _ in range(20_000)]
    names = [f"{a.title()} {b.title()}" for a, b in zip(words[:5000], words[5000:10_000], strict=True)]
    for number in range(count):
        named = random_source.sample(names, shape.entities)
        tokens = random_source.choices(words, k=shape.words)
        for name in named:  # once in full, and then by the last name
            tokens.insert(random_source.randrange(shape.words), name)
        tokens += [name.split()[1] for name in named]
        text = "\n\n".join(
            " ".join(tokens[cut : cut + PARAGRAPH]) for cut in range(0, len(tokens), PARAGRAPH)
        )

        def span(start: int, length: int, text: str = text) -> Span:
            return Span(start=start, end=start + length, text=text[start : start + length])

        entities = tuple(
            Entity(
                name=name,
                type="PERSON",
                mentions=(
                    span(text.index(name), len(name)),
                    span(text.rindex(name.split()[1]), len(name.split()[1])),
                ),
            )
            for name in named
        )
        quotes = tuple(
            Quote(
                **span(cut, 120).model_dump(),
                kind=QuoteKind.DIRECT,
                speaker=Speaker(
                    **span(cut + 122, 10).model_dump(), name=entities[0].name, resolved_by=ResolvedBy.NAME
                ),
                cue=span(cut + 133, 4),
                confidence=0.9,
            )
            for cut in sorted(random_source.sample(range(len(text) - 200), shape.quotes))
        )
        at = START + timedelta(seconds=number * shape.apart)
        yield EnrichedArticle(
            article=Article(
                article_id=f"{random_source.getrandbits(128):032x}",
                source="The Fen Courier",
                title=text[:60],
                text=text,
                language="en",
                published_at=at,
                ingested_at=at,
            ),
            duplicate=Duplicate(verdict=Verdict.ORIGINAL, cluster_id=f"c{number}"),
            entities=entities,
            quotes=quotes,
            provenance=Provenance(pipeline_version="1"),
        )


def measure(url: str, records: list[EnrichedArticle], batch: int) -> None:
    engine = connect(url)
    upgrade(engine)
    store = SqlStore(engine)
    replayed = [
        record.model_copy(
            update={
                "article": record.article.model_copy(
                    update={"ingested_at": record.article.ingested_at + timedelta(days=1)}
                )
            }
        )
        for record in records
    ]
    reprocessed = [
        record.model_copy(update={"provenance": Provenance(pipeline_version="2")}) for record in replayed
    ]
    for what, some in (("new", records), ("replayed", replayed), ("reprocessed", reprocessed)):
        before, cpu_before = time.perf_counter(), time.process_time()
        for start in range(0, len(some), batch):
            store.write(some[start : start + batch])
        rate = len(some) / (time.perf_counter() - before)
        cpu_rate = len(some) / (time.process_time() - cpu_before)
        print(
            f"{engine.dialect.name:<12}{what:<13}{batch:>6}{rate:>12,.0f} articles/s"
            f"{cpu_rate:>12,.0f} a second of this process's CPU"
        )
    engine.dispose()


def measure_ids(url: str, record: EnrichedArticle, count: int) -> None:
    """Read `count` versions back as the ledger does, and say by how much the process grew."""
    engine = connect(url)
    upgrade(engine)
    row = rows_of(checked(record)).article
    for start in range(0, count, 50_000):
        with writing(engine) as connection:
            numbers = range(start, min(count, start + 50_000))
            insert(connection, articles, [{**row, "article_id": f"{number:032x}"} for number in numbers])
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    before = time.perf_counter()
    assert sum(1 for _ in SqlVersions(engine).all()) == count  # noqa: S101 - a benchmark checks itself
    seconds = time.perf_counter() - before
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - resident) / 1024
    print(
        f"{engine.dialect.name:<12}{count:,} ids at {count / seconds:,.0f}/s, peak memory + {grown:.1f} MiB"
    )
    engine.dispose()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=2560)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--ids", type=int, default=0, help="also read so many ids of small articles")
    parser.add_argument("--postgresql", action="store_true", help="also on a PostgreSQL of its own")
    parser.add_argument(
        "--sqlite-folder", type=Path, help="where to make the file (default: a temporary folder)"
    )
    arguments = parser.parse_args()
    records = list(made_up_records(arguments.articles))
    print(
        f"{len(records)} articles of {WORDS} words, {ENTITIES} entities, {2 * ENTITIES} mentions, {QUOTES} quotes each"
    )
    first = records[0]
    small = first.model_copy(update={"article": first.article.model_copy(update={"text": "x"})})
    small = small.model_copy(update={"entities": (), "quotes": ()})
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(dir=arguments.sqlite_folder))
        measure(f"sqlite:///{folder}/store.db", records, arguments.batch)
        size = (Path(folder) / "store.db").stat().st_size / len(records)
        print(f"{'sqlite':<12}{'on disk':<13}{'':>6}{size:>12,.0f} bytes an article")
        if arguments.ids:
            measure_ids(f"sqlite:///{folder}/ids.db", small, arguments.ids)
        if arguments.postgresql:
            server = stack.enter_context(running_server(durable=True))
            measure(server.new_database(), records, arguments.batch)
            if arguments.ids:
                measure_ids(server.new_database(), small, arguments.ids)


if __name__ == "__main__":
    main()
