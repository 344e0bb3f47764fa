"""A worker with faults: `python -m tests.support.faulty_worker --faults FOLDER [--stage NAME]...`.

Everything is the product's own but what the options name.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from pipeline.cli.output import print_json
from pipeline.models import EnrichedArticle
from pipeline.pool import CountingStage
from pipeline.settings import Settings
from pipeline.sinks.store import Store, WriteResult
from pipeline.stream.processor import Incoming, Processor
from pipeline.stream.worker import Worker, computing_stages
from pipeline.topics import STAGES
from tests.support.faults import FaultyStage


def slow_down_the_sink(seconds: float) -> None:
    """Every transaction takes so much longer for each record."""
    write = Store.write

    def slowly(self: Store, records: Sequence[EnrichedArticle]) -> WriteResult:
        time.sleep(seconds * len(records))  # the fault itself, waiting for nothing
        return write(self, records)

    Store.write = slowly  # type: ignore[method-assign]


def commit_before_flush() -> None:
    """Break the first rule: the batch is acknowledged while it is still being worked on."""
    handle = Processor.handle
    under_way: set[asyncio.Task[None]] = set()

    async def later(self: Processor, batch: Sequence[Incoming]) -> None:
        task = asyncio.create_task(handle(self, batch))
        under_way.add(task)
        task.add_done_callback(under_way.discard)

    Processor.handle = later  # type: ignore[method-assign]


def main() -> None:
    """Run the worker until SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--stage", action="append")
    parser.add_argument("--faults", type=Path, required=True)
    parser.add_argument("--slow-sink", type=float, default=0.0)
    parser.add_argument("--commit-before-flush", action="store_true")
    options = parser.parse_args()
    settings = Settings.load()
    logging.basicConfig(
        level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s", stream=sys.stderr
    )
    if options.slow_sink:
        slow_down_the_sink(options.slow_sink)
    if options.commit_before_flush:
        commit_before_flush()

    def faulty(settings: Settings) -> Mapping[str, CountingStage]:
        return {
            name: FaultyStage(stage, options.faults) for name, stage in computing_stages(settings).items()
        }

    Worker(
        settings,
        options.stage or list(STAGES),
        on_ready=lambda url: print_json({"event": "ready", "metrics": url}),
        computing=faulty,
    ).run()


if __name__ == "__main__":
    main()
