"""What it costs that workers share: 1, 2 and 4 of them on 8 partitions, recognition simulated by waiting.

    python -m benchmarks.workers [--seconds N] [--wait MILLISECONDS]

Recognition fills a core, and a machine has few; waiting fills none, so that what is seen is what workers cost each
other: the partitions that do not divide evenly, the group, the broker, the one that looks for duplicates and stores
for all. Every worker computes (entities and quotes, one pool process each), and the first also does the rest. For each
number of workers as many short articles are sent as all should do in the time asked for; the clock runs from the first
one sent to the last one stored, with the workers ready.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

from benchmarks.history import add_option, record
from benchmarks.machine import described
from benchmarks.press import Press
from benchmarks.processes import processor_seconds
from pipeline.flow import FLOW, Step
from pipeline.interface import as_article
from pipeline.kafka.admin import Admin
from pipeline.kafka.embedded import EmbeddedBroker
from pipeline.kafka.publisher import ArticleProducer, Publisher
from pipeline.record import EnrichedArticle
from pipeline.settings import PREFIX, Settings
from pipeline.stages.base import Outcome, Stage
from pipeline.stores.base import configured_store

_PARTITIONS = 8
_NUMBERS = (1, 2, 4)
_WORDS = 80
_LOOK_SECONDS = 0.05
_WAIT = "BENCHMARK_WAIT_SECONDS"


class WaitingStage(Stage):
    """Takes its time with each article, and finds nothing."""

    name = "waiting"

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def __call__(self, batch: Sequence[EnrichedArticle]) -> list[Outcome]:
        """See Stage."""
        threading.Event().wait(self._seconds * len(batch))  # what is simulated
        return list(batch)


def work(stages: Sequence[str]) -> None:
    """Be a worker until SIGTERM; all of the waiting is in the first stage that computes."""
    from pipeline.stream.worker import Worker  # noqa: PLC0415 - every process of the pool imports this module

    def waiting(_: Settings, steps: Sequence[Step]) -> Mapping[str, Stage]:
        return {
            step.name: WaitingStage(float(os.environ[_WAIT]) if step.name == "entities" else 0.0)
            for step in steps
            if step.name in ("entities", "quotes")
        }

    Worker(
        Settings.load(),
        stages,
        on_ready=lambda url: print(json.dumps({"event": "ready", "metrics": url}), flush=True),
        pooled=waiting,
    ).run()


def rate(workers: int, seconds: float, wait: float) -> tuple[float, float]:
    """Articles a second, and milliseconds of the workers' processors for each."""
    articles = round(workers * seconds / wait)
    texts = Press(workers).quick_texts(articles, _WORDS)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        broker = stack.enter_context(EmbeddedBroker(Path(folder) / "broker.log"))
        values = {
            "bootstrap_servers": broker.address,
            "database_url": f"sqlite:///{folder}/store.db",
            "partitions": str(_PARTITIONS),
            "pool_processes": "1",
            "metrics_port": "0",
            "session_timeout_seconds": "6",
        }
        settings = Settings.load(**values)
        with Admin(settings) as admin:
            admin.ensure_topics()
        store = stack.enter_context(closing(configured_store(settings)))
        store.upgrade()
        environment = {**os.environ, _WAIT: str(wait)}
        environment |= {f"{PREFIX}{name.upper()}": value for name, value in values.items()}
        processes: list[subprocess.Popen[bytes]] = []
        for number in range(workers):
            stages = ["entities", "quotes"] if number else list(FLOW.sources)
            command = [sys.executable, "-m", "benchmarks.workers", "--work", *stages]
            log = stack.enter_context((Path(folder) / f"worker{number}.log").open("wb"))
            process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=log)
            stack.callback(_end, process)
            processes.append(process)
        for process in processes:
            if process.stdout is None or not process.stdout.readline():
                raise SystemExit(f"a worker has ended: {sorted(Path(folder).glob('*.log'))}")
        before = processor_seconds(*(process.pid for process in processes))
        start = time.perf_counter()
        with Publisher(settings) as publisher:
            producer = ArticleProducer(settings, publisher)
            for number, text in enumerate(texts):
                producer.send(as_article({"id": f"a{number}", "text": text, "language": "en"}))
            publisher.flush()
        while store.count_articles() < articles:
            time.sleep(_LOOK_SECONDS)
        took = time.perf_counter() - start
        used = processor_seconds(*(process.pid for process in processes)) - before
    return articles / took, 1000 * used / articles


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.communicate()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--wait", type=float, default=20.0, help="milliseconds for each article")
    parser.add_argument("--work", nargs="+", help=argparse.SUPPRESS)
    add_option(parser)
    arguments = parser.parse_args()
    if arguments.work:
        work(arguments.work)
        return
    print(described(["faust-streaming", "aiokafka"]))
    print(f"{'workers':>7} {'articles/s':>10} {'of what they could':>18} {'processor ms an article':>24}")
    figures = {}
    for workers in _NUMBERS:
        articles, milliseconds = rate(workers, arguments.seconds, arguments.wait / 1000)
        share = articles * arguments.wait / 1000 / workers
        print(f"{workers:>7} {articles:>10,.0f} {share:>18.2f} {milliseconds:>24.1f}", flush=True)
        figures[f"{workers} workers, articles/s"] = articles
        figures[f"{workers} workers, of what they could"] = share
    record(arguments, "workers", figures)


if __name__ == "__main__":
    main()
