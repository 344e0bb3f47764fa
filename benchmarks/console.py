"""How long the console's pages take on a large store: `python benchmarks/console.py [--postgresql] [--articles N]`.

A store of made-up articles with ten statements each is written, the console is started on it, and each page is asked
for over HTTP, one at a time: milliseconds to its first byte and to its last, the median of some and the longest. With
`--plans`, by which indexes and scans each page is answered.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from sqlalchemy import Connection, Engine, event

sys.path.insert(0, str(Path(__file__).parent.parent))

from pipeline.record import (
    Article,
    Duplicate,
    EnrichedArticle,
    Entity,
    Polarity,
    Provenance,
    Quote,
    QuoteKind,
    ResolvedBy,
    Span,
    Speaker,
    Verdict,
)
from pipeline.settings import Settings
from pipeline.stores.base import open_store
from pipeline.web.console.server import Console
from tests.integration.postgres import running_server

STATEMENTS, NAMED, WORDS, OUTLETS = 10, 6, 250, 60
START = datetime(2031, 5, 4, tzinfo=UTC)
BATCH = 512
TIMES = 5


def words_of(source: random.Random) -> list[str]:
    return ["".join(source.choices("abcdefghijklmnoprstuvw", k=source.randint(3, 9))) for _ in range(20_000)]


def made_up_records(count: int, seed: int = 7) -> Iterator[EnrichedArticle]:
    """Articles whose words, people and outlets are as unequal as in the news: a few are everywhere."""
    source = random.Random(seed)  # noqa: S311 - made-up text is no secret
    words = words_of(source)
    weights = [1 / rank for rank in range(1, len(words) + 1)]
    names = [f"{a.title()} {b.title()}" for a, b in zip(words[:4000], words[4000:8000], strict=True)]
    ranks = [1 / rank for rank in range(1, len(names) + 1)]
    tokens = source.choices(words, weights, k=2_000_000)
    for number in range(count):
        cut = source.randrange(len(tokens) - WORDS)
        people = list(dict.fromkeys(source.choices(names, ranks, k=NAMED)))
        text = " ".join(people) + ".\n\n" + " ".join(tokens[cut : cut + WORDS])
        body = text.index("\n\n") + 2
        entities = tuple(
            Entity(
                name=name,
                type="PERSON",
                mentions=(Span(start=text.index(name), end=text.index(name) + len(name), text=name),),
            )
            for name in people
        )
        quotes = []
        for start in sorted(source.sample(range(body, len(text) - 100), STATEMENTS)):
            who = entities[source.randrange(len(entities))]
            speaker = Speaker(**who.mentions[0].model_dump(), name=who.name, resolved_by=ResolvedBy.NAME)
            quotes.append(
                Quote(
                    start=start,
                    end=start + 80,
                    text=text[start : start + 80],
                    kind=QuoteKind.DIRECT,
                    polarity=source.choices([Polarity.ASSERTED, Polarity.DENIED], [50, 1])[0],
                    speaker=speaker,
                    confidence=source.random(),
                )
            )
        at = START + timedelta(seconds=20 * number)
        yield EnrichedArticle(
            article=Article(
                article_id=f"{source.getrandbits(128):032x}",
                source=f"Outlet {source.choices(range(OUTLETS), [1 / (n + 1) for n in range(OUTLETS)])[0]}",
                title=text[: body - 2],
                text=text,
                language=source.choices(["en", "de", "cy"], [90, 9, 1])[0],
                published_at=at,
                ingested_at=at,
            ),
            duplicate=Duplicate(verdict=Verdict.ORIGINAL, cluster_id=f"c{number // 2}"),
            entities=entities,
            quotes=tuple(quotes),
            provenance=Provenance(pipeline_version="1"),
        )


def fill(url: str, count: int) -> EnrichedArticle:
    store = open_store(url)
    store.upgrade()
    before = time.perf_counter()
    records = made_up_records(count)
    first = None
    while batch := list(islice(records, BATCH)):
        first = first or batch[0]
        store.write(batch)
    print(f"{count:,} articles written, {count / (time.perf_counter() - before):,.0f} a second")
    store.close()
    assert first is not None  # noqa: S101 - a benchmark checks itself
    return first


def asked(first: EnrichedArticle) -> list[tuple[str, str]]:
    words = words_of(random.Random(7))  # noqa: S311 - as they were made
    names = [f"{a.title()} {b.title()}" for a, b in zip(words[:4000], words[4000:8000], strict=True)]
    often, seldom = words[0], words[15_000]
    return [
        ("stream", "/"),
        ("article", f"/articles/{first.article.article_id}"),
        ("articles, the latest", "/articles"),
        ("articles, a word of nearly all", f"/articles?words={often}"),
        ("articles, a word of few", f"/articles?words={seldom}"),
        ("articles naming the most named", f"/articles?naming={quote(names[0])}"),
        ("articles naming somebody seldom", f"/articles?naming={quote(names[3000])}"),
        ("articles of a small outlet", f"/articles?source={quote(f'Outlet {OUTLETS - 1}')}"),
        ("articles of a rare language", "/articles?language=cy"),
        ("statements, the latest", "/statements"),
        ("statements of the most quoted", f"/statements?speaker={quote(names[0])}"),
        ("statements of somebody seldom", f"/statements?speaker={quote(names[3000])}"),
        ("statements, a word of nearly all", f"/statements?about={often}"),
        ("statements, a word of few", f"/statements?about={seldom}"),
        ("statements, denied", "/statements?polarity=denied"),
        ("statements of a small outlet", f"/statements?source={quote(f'Outlet {OUTLETS - 1}')}"),
        ("person, the most quoted", f"/person?name={quote(names[0])}"),
        ("stories", "/stories"),
    ]


def timed(connection: http.client.HTTPConnection, path: str) -> tuple[float, float, int]:
    before = time.perf_counter()
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read(1)
    first = time.perf_counter() - before
    answer.read()
    return first * 1000, (time.perf_counter() - before) * 1000, answer.status


def hundredth(connection: http.client.HTTPConnection, path: str) -> str:
    """The hundredth page of a search of the interface."""
    after = ""
    for _ in range(100):
        connection.request("GET", f"{path}?limit=50{after}")
        page = json.load(connection.getresponse())
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
        time.sleep(0.06)  # below what one address may ask for
    return f"{path}?limit=50{after}"


@contextmanager
def planned(ways: list[str]) -> Iterator[None]:
    """Note how the database goes about each query that is asked meanwhile."""

    def explain(connection: Connection, _: object, statement: str, values: Any, *__: object) -> None:
        if not statement.startswith(("SELECT", "WITH")):
            return
        database = connection.dialect.name
        cursor = connection.connection.cursor()
        cursor.execute(f"EXPLAIN {'QUERY PLAN ' if database == 'sqlite' else ''}{statement}", values)
        lines = [str(row[-1]) for row in cursor.fetchall()]
        ways.extend(way for line in lines if (way := _way(line)) and way not in ways)

    event.listen(Engine, "before_cursor_execute", explain)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", explain)


def _way(line: str) -> str:
    """What a line of a plan says of a table: by which index it is searched, or that it is read from end to end."""
    found = re.search(r"(?:SEARCH|SCAN) \S+(?: (?:USING|VIRTUAL)[^(]*(?:\(.*\))?)?|\w[\w ]*Scan[^(]*", line)
    return found[0].strip() if found else ""


def measure(url: str, count: int, *, plans: bool) -> None:
    first = fill(url, count)
    settings = Settings.load(database_url=url, console_port=0, bootstrap_servers="localhost:9")
    with Console(settings) as console:
        place = urlsplit(console.url)
        connection = http.client.HTTPConnection(str(place.hostname), place.port, timeout=30)
        pages = asked(first)
        for name in ("articles", "statements"):
            pages.append((f"{name}, the hundredth page", hundredth(connection, f"/api/v1/{name}")))
        print(f"{'':<34}{'first byte':>12}{'whole':>10}{'longest':>10}  ms; {url.partition(':')[0]}")
        for name, path in pages:
            found = [timed(connection, path) for _ in range(TIMES)]
            status = {one[2] for one in found}
            print(
                f"{name:<34}{statistics.median(one[0] for one in found):>12.0f}"
                f"{statistics.median(one[1] for one in found):>10.0f}{max(one[1] for one in found):>10.0f}"
                f"{'' if status == {200} else f'  {status}'}",
                flush=True,
            )
        for name, path in pages if plans else ():
            ways: list[str] = []
            with planned(ways):
                timed(connection, path)
            print(f"{name}: {'; '.join(ways)}", flush=True)
        connection.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument(
        "--postgresql", action="store_true", help="on a PostgreSQL of its own instead of SQLite"
    )
    parser.add_argument(
        "--plans", action="store_true", help="also say how the database finds what each page shows"
    )
    arguments = parser.parse_args()
    with ExitStack() as stack:
        if arguments.postgresql:
            server = stack.enter_context(running_server(durable=True))
            measure(server.new_database(), arguments.articles, plans=arguments.plans)
        else:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            measure(f"sqlite:///{folder}/store.db", arguments.articles, plans=arguments.plans)


if __name__ == "__main__":
    main()
