"""Memory under the heaviest articles there are: dense with names and quotes, as large as they may be.

    python benchmarks/dense.py [--articles 40] [--bytes 900000] [--processes 2]

A whole worker with the embedded broker and SQLite. Prints the largest resident memory of the worker, of one process of
its pool and of all together, sampled twenty times a second (what processes share counts for each), and the ledger.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from pipeline.kafka.publisher import ArticleProducer, Publisher
from pipeline.local import LocalPipeline, passing
from pipeline.record import Article
from pipeline.settings import MIB

_SAMPLE_SECONDS = 0.05
_PATIENCE_SECONDS = 7200.0
_FIRST = (
    "Edmund",
    "Clara",
    "Tobias",
    "Ingrid",
    "Marcus",
    "Yusuf",
    "Helena",
    "Oscar",
    "Priya",
    "Lucas",
    "Maren",
)
_LAST = (
    "Finch",
    "Oduya",
    "Wren",
    "Halloran",
    "Pell",
    "Adeyemi",
    "Marsh",
    "Lindqvist",
    "Okafor",
    "Tran",
    "Castell",
)
_BODIES = ("the Harbour Board", "Northgate Council", "the Granite Bank", "Westmoor University")
_PLACES = ("London", "Nairobi", "Oslo", "Lisbon", "Toronto", "Jakarta", "Lima", "Warsaw")
_THINGS = ("bridge", "quay", "mill", "tram", "library", "ferry")


def dense(number: int, size: int) -> Article:
    """An article of some bytes in which every sentence is a quote with a speaker, a body and a place."""
    choose = random.Random(number).choice  # noqa: S311 - no secret
    paragraphs: list[str] = []
    written = 0
    while written < size - 1000:
        paragraphs.append(
            " ".join(
                f'"We will mend the {choose(_THINGS)} by {choose(range(2, 30))} May," said {choose(_FIRST)} '
                f"{choose(_LAST)} of {choose(_BODIES)} in {choose(_PLACES)}."
                for _ in range(5)
            )
        )
        written += len(paragraphs[-1]) + 2
    return Article(
        article_id=f"dense-{number}",
        source="dense",
        text="\n\n".join(paragraphs),
        language="en",
        ingested_at=datetime.now(UTC),
    )


class Watch:
    """Samples the memory of a process and its children until it ends, in a thread.

    Attributes:
        worker: the largest resident bytes of the process itself; `one` of a child, `together` of all.
    """

    def __init__(self, pid: int) -> None:
        self.worker = self.one = self.together = 0
        self._process = psutil.Process(pid)
        threading.Thread(target=self._sample, daemon=True).start()

    def _sample(self) -> None:
        while True:
            try:
                own = self._process.memory_info().rss
                children = [child.memory_info().rss for child in self._process.children(recursive=True)]
            except psutil.NoSuchProcess:
                if not self._process.is_running():
                    return
                continue  # a child that ended meanwhile
            self.worker = max(self.worker, own)
            self.one = max(self.one, *children, 0)
            self.together = max(self.together, own + sum(children))
            time.sleep(_SAMPLE_SECONDS)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--articles", type=int, default=40)
    parser.add_argument("--bytes", type=int, default=900_000)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        LocalPipeline(
            passing(Path(folder)), pool_processes=options.processes, article_timeout_seconds=600
        ) as local,
    ):
        watch = Watch(local.worker_pid)
        local.await_ready()
        with Publisher(local.settings) as publisher:
            producer = ArticleProducer(local.settings, publisher)
            for number in range(options.articles):
                producer.send(dense(number, options.bytes))
        found = local.await_closed(_PATIENCE_SECONDS)
        for name, held in (
            ("worker", watch.worker),
            ("one process", watch.one),
            ("together", watch.together),
        ):
            print(f"{name:<12}{held / MIB:>8.0f} MiB")
    print(found.as_dict())
    return 0 if found.closed else 1


if __name__ == "__main__":
    sys.exit(main())
