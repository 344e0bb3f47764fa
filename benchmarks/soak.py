"""A long run: many small articles through a whole worker, with its memory watched and the ledger at the end.

    python benchmarks/soak.py [--articles 200000]

Embedded broker, SQLite. One article in ten is a copy of an earlier one. Prints, ten times on the way, how many are
stored, how many a second, and the resident memory of the worker with its pool; then the ledger. The articles are
dated a quarter of a minute apart, so that old ones leave the window of the duplicates stage on the way.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from pipeline.kafka.publisher import ArticleProducer, Publisher
from pipeline.local import LocalPipeline, passing
from pipeline.record import Article

_PATIENCE_SECONDS = 3600.0
_APART = timedelta(seconds=15)
_LOOK_SECONDS = 2.0
_NAMES = ("Ada Bell", "Jonas Wick", "Farida Noor", "Sol Haugen", "Mina Okafor", "Pietro Landi")
_PLACES = ("Port Ashby", "Saltmere", "Vienna", "Lisbon", "Carrow", "Nairobi")
_THINGS = (
    "ferry",
    "bridge",
    "harvest",
    "library",
    "tram",
    "reservoir",
    "lighthouse",
    "market",
    "school",
    "choir",
)
_DOINGS = (
    "delayed",
    "repainted",
    "counted",
    "sold",
    "praised",
    "flooded",
    "reopened",
    "inspected",
    "moved",
    "blessed",
)


def articles(count: int) -> Iterator[Article]:
    """Small made-up articles of about sixty words, no two alike but for the copies."""
    draw = random.Random(7)  # noqa: S311 - made-up news is no secret
    earlier: deque[str] = deque(maxlen=5000)
    began = datetime.now(UTC) - count * _APART
    for number in range(count):
        if earlier and number % 10 == 9:
            text = draw.choice(earlier)
        else:
            who, where = draw.choice(_NAMES), draw.choice(_PLACES)
            said = " ".join(draw.choice(_THINGS + _DOINGS) for _ in range(12))
            facts = " ".join(f"{draw.choice(_DOINGS)} {draw.choice(_THINGS)}" for _ in range(14))
            text = (
                f"{draw.choice(_THINGS).title()} {draw.choice(_DOINGS)} in {where}\n\n"
                f"{where} reported that {facts} on day {number}.\n\n“It is {said},” said {who}."
            )
            earlier.append(text)
        yield Article(
            article_id=f"{number:08d}",
            source="soak",
            title=text.split("\n", 1)[0],
            text=text,
            language="en",
            published_at=began + number * _APART,
            ingested_at=datetime.now(UTC),
        )


def resident(pid: int) -> int:
    """Resident bytes of a process and its children."""
    worker = psutil.Process(pid)
    return sum(process.memory_info().rss for process in (worker, *worker.children(recursive=True)))


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--articles", type=int, default=200_000)
    total = parser.parse_args().articles
    with tempfile.TemporaryDirectory() as folder, LocalPipeline(passing(Path(folder))) as local:
        local.await_ready()
        start = time.perf_counter()
        failed: list[BaseException] = []

        def send() -> None:
            try:
                with Publisher(local.settings) as publisher:
                    producer = ArticleProducer(local.settings, publisher)
                    for article in articles(total):
                        producer.send(article)
            except BaseException as error:  # noqa: BLE001 - told to the one who waits
                failed.append(error)

        sender = threading.Thread(target=send)
        sender.start()
        shown = 0
        print(f"{'stored':>9}{'articles/s':>12}{'worker MiB':>12}", flush=True)
        while shown < 10 and not failed and local.is_running:
            time.sleep(_LOOK_SECONDS)
            stored = local.store.counts().articles
            if stored * 10 >= total * (shown + 1):
                shown = stored * 10 // total
                memory = resident(local.worker_pid) / 2**20
                print(
                    f"{stored:>9}{stored / (time.perf_counter() - start):>12.1f}{memory:>12.0f}", flush=True
                )
        sender.join()
        if failed:
            raise failed[0]
        found = local.await_closed(_PATIENCE_SECONDS)
    print(found.as_dict())
    return 0 if found.closed and found.stored == total else 1


if __name__ == "__main__":
    sys.exit(main())
