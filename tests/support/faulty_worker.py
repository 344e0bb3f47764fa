"""A worker with faults: `python -m tests.support.faulty_worker --faults FOLDER [--stage NAME]...`.

Everything is the product's own but what the options name.
"""

from __future__ import annotations

import argparse
import asyncio
import faulthandler
import json
import os
import signal
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.flow import FLOW, Step, Topic
from pipeline.record import Alert, EnrichedArticle, LogPosition
from pipeline.settings import Settings
from pipeline.stages.base import Stage
from tests.support.faults import FaultyStage, PassingStage

if TYPE_CHECKING:
    from pipeline.stores.standing import Draft, Noted
    from pipeline.stream.outbox import Outgoing

# What is slow to import is imported in the functions: every process of the pool imports this module.


def slow_down_the_sink(seconds: float) -> None:
    """Every transaction takes so much longer for each record."""
    from pipeline.stores.base import WriteResult  # noqa: PLC0415 - see above
    from pipeline.stores.sql.store import SqlStore  # noqa: PLC0415 - see above

    write = SqlStore.write

    def slowly(
        self: SqlStore,
        records: Sequence[EnrichedArticle],
        positions: Sequence[LogPosition | None] | None = None,
    ) -> WriteResult:
        time.sleep(seconds * len(records))  # the fault itself, waiting for nothing
        return write(self, records, positions)

    SqlStore.write = slowly  # type: ignore[method-assign]


def commit_before_flush() -> None:
    """Break the first rule: the offsets are committed while the batch is still being worked on."""
    from pipeline.stream.incoming import Incoming  # noqa: PLC0415 - see above
    from pipeline.stream.processor import Finished, Processor  # noqa: PLC0415 - see above

    handle = Processor.handle
    under_way: set[asyncio.Task[None]] = set()

    async def later(
        self: Processor, batch: Sequence[Incoming], before: asyncio.Task[None] | None = None
    ) -> None:
        for message in batch:
            self.finished[message.topic, message.partition] = Finished(message.offset + 1, "")
        task = asyncio.create_task(handle(self, batch, before))
        under_way.add(task)
        task.add_done_callback(under_way.discard)

    Processor.handle = later  # type: ignore[method-assign]


def trust_offsets() -> None:
    """Break the rule of the log: go on at whatever was committed, whichever log it was committed of."""
    from pipeline.kafka.offsets import CommitLabel, GroupOffset, Resumption  # noqa: PLC0415 - see above
    from pipeline.stream import commits, resumption  # noqa: PLC0415 - see above

    def trusting(found: GroupOffset, store: str, _: object) -> Resumption:
        place = min(found.committed or found.start, found.end)
        return Resumption(place, CommitLabel(found.log, store), committed=True)

    setattr(resumption, "resume", trusting)  # noqa: B010 - it is no part of that module's interface
    commits.FinishedOffsetsConsumer.review = lambda *_, **__: None  # type: ignore[method-assign]


def die_at(point: str) -> None:
    """Be killed when articles are stored, when their alerts are noted, or when they are told, and not committed yet."""
    from pipeline.stores.sql.standing import SqlAlerts  # noqa: PLC0415 - see above
    from pipeline.stream.alerting import Alerting  # noqa: PLC0415 - see above
    from pipeline.stream.delivery import Delivery  # noqa: PLC0415 - see above

    note, tell, answered = SqlAlerts.note, Delivery.tell, Alerting.answered

    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def dying_note(self: SqlAlerts, drafts: Sequence[Draft]) -> Noted:
        noted = note(self, drafts)
        if noted.new:
            die()
        return noted

    async def dying_tell(self: Delivery, messages: Sequence[Outgoing]) -> None:
        await tell(self, messages)
        if any(message.topic.endswith(f".{Topic.ALERTS}") for message in messages):
            die()

    def dying_answered(self: Alerting, records: Sequence[EnrichedArticle]) -> list[Alert]:
        die()
        return answered(self, records)

    match point:
        case "stored":
            Alerting.answered = dying_answered  # type: ignore[method-assign]
        case "noted":
            SqlAlerts.note = dying_note  # type: ignore[method-assign]
        case _:
            Delivery.tell = dying_tell  # type: ignore[method-assign]


def main() -> None:
    """Run the worker until SIGTERM."""
    from pipeline.stream.worker import Worker, pooled_stages  # noqa: PLC0415 - see above
    from pipeline.watch.logs import configure  # noqa: PLC0415 - see above

    parser = argparse.ArgumentParser()
    parser.add_argument("--stage", action="append")
    parser.add_argument("--faults", type=Path, required=True)
    parser.add_argument("--light", action="store_true", help="stages that load and find nothing")
    parser.add_argument("--slow-sink", type=float, default=0.0)
    parser.add_argument("--die-at", choices=("stored", "noted", "told"))
    parser.add_argument("--commit-before-flush", action="store_true")
    parser.add_argument("--trust-offsets", action="store_true")
    options = parser.parse_args()
    settings = Settings.load()
    configure(settings)  # what is said is what the product says
    faulthandler.register(signal.SIGUSR1)  # `kill -USR1` shows where a worker is that seems to hang
    if options.slow_sink:
        slow_down_the_sink(options.slow_sink)
    if options.die_at:
        die_at(options.die_at)
    if options.commit_before_flush:
        commit_before_flush()
    if options.trust_offsets:
        trust_offsets()

    def faulty(settings: Settings, steps: Sequence[Step]) -> Mapping[str, Stage]:
        return {
            name: FaultyStage(PassingStage() if options.light else stage, options.faults)
            for name, stage in pooled_stages(settings, steps).items()
        }

    Worker(
        settings,
        options.stage or list(FLOW.sources),
        on_ready=lambda url: print(json.dumps({"event": "ready", "metrics": url}), flush=True),  # noqa: T201 - as the product does
        pooled=faulty,
    ).run()


if __name__ == "__main__":
    main()
