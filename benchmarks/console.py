"""How long the console's pages take on a large store.

    python benchmarks/console.py [--postgresql | --database URL] [--articles 100000] [--plans]

A store of made-up articles with ten statements each is written, the console is started on it, and each page and
each search of the interface for programs is asked for over HTTP, one at a time: milliseconds to its first byte and
to its last, the median and the 95th percentile of twenty, after one that is not counted but shown. What takes longer
than it may (100 to the first byte of a page, 200 for a search) has a sign behind it. With `--plans`, by which indexes
and scans each is answered. A store of a URL is kept, and filled up only if it has fewer articles.
"""

from __future__ import annotations

import argparse
import http.client
import json
import math
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from sqlalchemy import Connection, Engine, event, text

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
from pipeline.stores.sql.database import connect
from pipeline.web.console.server import Console
from tests.integration.postgres import running_server

STATEMENTS, NAMED, WORDS, OUTLETS = 10, 6, 250, 60
START = datetime(2031, 5, 4, tzinfo=UTC)
BATCH = 512
TIMES = 20
FIRST_BYTE, SEARCH = 100, 200
PAUSE = 0.06  # seconds; below what one address may ask for


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


def fill(url: str, count: int) -> None:
    """Write so many articles, those that are there not counted again."""
    store = open_store(url)
    store.upgrade()
    stored = store.count_articles()
    before = time.perf_counter()
    records = islice(made_up_records(count), stored, None)
    while batch := list(islice(records, BATCH)):
        store.write(batch)
    if stored < count:
        print(
            f"{count - stored:,} articles written, {(count - stored) / (time.perf_counter() - before):,.0f} a second"
        )
    store.close()
    if url.startswith("postgresql"):  # as autovacuum does, some minutes later
        with connect(url).connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))


def asked(first: EnrichedArticle, count: int) -> list[tuple[str, str, bool]]:
    """What is asked for: its name, its path, and whether it is a search."""
    words = words_of(random.Random(7))  # noqa: S311 - as they were made
    names = [f"{a.title()} {b.title()}" for a, b in zip(words[:4000], words[4000:8000], strict=True)]
    often, seldom, most, rarely = words[0], words[15_000], quote(names[0]), quote(names[3000])
    some, large, small = words[300], quote("Outlet 0"), quote(f"Outlet {OUTLETS - 1}")
    middle = START + timedelta(seconds=10 * count)
    days = f"since={middle:%Y-%m-%d}&until={middle + timedelta(days=3):%Y-%m-%d}"
    together, apart = (quote(f'"{words[a]} {words[b]}"') for a, b in ((0, 1), (7, 300)))
    texts = {
        "a word of nearly all": often,
        "a word of one in thirteen": some,
        "a word of few": seldom,
        "a word of none": "nowhere",
        "two words of nearly all": f"{often}+{words[1]}",
        "a word of nearly all, one of few": f"{often}+{seldom}",
        "a phrase of nearly all": together,
        "a phrase of few, its words of many": apart,
        "a word of many, a large outlet": f"{some}&source={large}",
        "a word of nearly all, a small outlet": f"{often}&source={small}",
        "a word of many, an outlet, three days": f"{some}&source={large}&{days}",
        "a word of few, an outlet, three days": f"{seldom}&source={small}&{days}",
        "a word of none, a large outlet": f"nowhere&source={large}",
    }
    article, story = first.article.article_id, "c0"
    return [
        ("stream", "/", False),
        ("article", f"/articles/{article}", False),
        ("story", f"/stories/{story}", False),
        ("stories", "/stories", False),
        ("person, the most quoted", f"/person?name={most}", False),
        ("person, somebody seldom", f"/person?name={rarely}", False),
        ("alerts", "/alerts", False),
        ("articles, the latest", "/articles", False),
        *((f"articles, {what}", f"/articles?words={value}", True) for what, value in texts.items()),
        ("articles naming the most named", f"/articles?naming={most}", True),
        ("articles naming somebody seldom", f"/articles?naming={rarely}", True),
        ("articles naming nobody known", "/articles?naming=Nobody+Atall", True),
        ("articles of a small outlet", f"/articles?source={small}", True),
        ("articles of a rare language", "/articles?language=cy", True),
        ("articles of no language there is", "/articles?language=xx", True),
        ("articles, exact copies (there are none)", "/articles?verdict=exact", True),
        ("statements, the latest", "/statements", False),
        *((f"statements, {what}", f"/statements?about={value}", True) for what, value in texts.items()),
        ("statements of the most quoted", f"/statements?speaker={most}", True),
        ("statements of somebody seldom", f"/statements?speaker={rarely}", True),
        ("statements of nobody known", "/statements?speaker=Nobody+Atall", True),
        ("statements of the most quoted, a word", f"/statements?speaker={most}&about={some}", True),
        ("statements, denied", "/statements?polarity=denied", True),
        ("statements, denied, a word", f"/statements?polarity=denied&about={some}", True),
        ("statements, refused (there are none)", "/statements?polarity=refused", True),
        ("statements, indirect (there are none)", "/statements?kind=indirect", True),
        ("statements of the highest confidence", "/statements?confidence=0.9999", True),
        ("statements of a small outlet", f"/statements?source={small}", True),
        ("interface: statements, a word", f"/api/v1/statements?about={some}", True),
        ("interface: articles, a word", f"/api/v1/articles?words={some}", True),
        ("interface: article", f"/api/v1/articles/{article}", False),
        ("interface: stories, three days", f"/api/v1/stories?{days}", True),
        ("interface: stories", "/api/v1/stories", True),
        ("interface: story", f"/api/v1/stories/{story}", False),
        ("interface: entities, three days", f"/api/v1/entities?{days}", True),
        ("interface: entities", "/api/v1/entities", True),
        ("interface: person", f"/api/v1/people/{most}", True),
        ("interface: stream", "/api/v1/stream", False),
    ]


def timed(connection: http.client.HTTPConnection, path: str) -> tuple[float, float, int]:
    """Milliseconds to the first byte and to the last, and the status."""
    time.sleep(PAUSE)
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
        time.sleep(PAUSE)
        connection.request("GET", f"{path}?limit=50{after}")
        page = json.load(connection.getresponse())
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
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
    """Print the table."""
    fill(url, count)
    settings = Settings.load(database_url=url, console_port=0, bootstrap_servers="localhost:9")
    with Console(settings) as console:
        place = urlsplit(console.url)
        connection = http.client.HTTPConnection(str(place.hostname), place.port, timeout=30)
        pages = asked(next(made_up_records(1)), count)
        for name in ("articles", "statements"):
            pages.append((f"{name}, the hundredth page", hundredth(connection, f"/api/v1/{name}"), True))
        print(f"{url.partition(':')[0]}, {count:,} articles, {count * STATEMENTS:,} statements; milliseconds")
        print(f"{'':<50}{'first byte':>16}{'whole':>16}{'at first':>10}")
        for name, path, is_search in pages:
            _, once, _ = timed(connection, path)
            found = [timed(connection, path) for _ in range(TIMES)]
            (first, first_95), (whole, whole_95) = (
                _middle_and_95th([one[n] for one in found]) for n in (0, 1)
            )
            status = {one[2] for one in found} - {200}
            over = whole_95 > SEARCH if is_search else first_95 > FIRST_BYTE
            print(
                f"{name:<50}{first:>8.0f}{first_95:>8.0f}{whole:>8.0f}{whole_95:>8.0f}{once:>10.0f}"
                f"{' *' if over else ''}{f'  {status}' if status else ''}",
                flush=True,
            )
        for name, path, _ in pages if plans else ():
            ways: list[str] = []
            with planned(ways):
                timed(connection, path)
            print(f"{name}: {'; '.join(ways)}", flush=True)
        connection.close()


def _middle_and_95th(values: Sequence[float]) -> tuple[float, float]:
    ordered = sorted(values)
    return statistics.median(ordered), ordered[math.ceil(0.95 * len(ordered)) - 1]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument(
        "--postgresql", action="store_true", help="on a PostgreSQL of its own instead of SQLite"
    )
    parser.add_argument(
        "--plans", action="store_true", help="also say how the database finds what each page shows"
    )
    parser.add_argument("--database", metavar="URL", help="this one, which is kept")
    arguments = parser.parse_args()
    with ExitStack() as stack:
        if arguments.database:
            measure(arguments.database, arguments.articles, plans=arguments.plans)
        elif arguments.postgresql:
            server = stack.enter_context(running_server(durable=True))
            measure(server.new_database(), arguments.articles, plans=arguments.plans)
        else:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            measure(f"sqlite:///{folder}/store.db", arguments.articles, plans=arguments.plans)


if __name__ == "__main__":
    main()
