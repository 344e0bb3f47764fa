"""One hop of the stream: messages of 2 KB through Faust, the processor and the outbox, every send awaited.

    python benchmarks/hop.py [--messages N] [--runs N]

Runs the product's own app on the embedded broker with a stage that passes its bytes on, so that what is
measured is the plumbing: consume, batch, send, await, commit. The time runs from the first message that is taken
to the last one that is acknowledged downstream.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.history import add_option, record
from pipeline.flow import FLOW, Arrangement, Topic
from pipeline.kafka.admin import LATEST, Admin
from pipeline.kafka.embedded import EmbeddedBroker
from pipeline.kafka.publisher import Publisher
from pipeline.kafka.topics import topic_name
from pipeline.settings import Settings
from pipeline.stages.base import Rejection
from pipeline.stream.apps import stage_app
from pipeline.stream.incoming import Incoming
from pipeline.stream.outbox import Outbox, Outgoing
from pipeline.stream.processor import Done, Hop, Processor

_BYTES = 2048


async def hop(settings: Settings, expected: int) -> float:
    """Move all messages from one topic to the next; gives the seconds it took."""
    onward = topic_name(settings, Topic.WITH_ENTITIES)
    done = asyncio.Event()
    started, seen = 0.0, 0

    async def pass_on(batch: Sequence[Incoming]) -> list[Done | Rejection]:
        nonlocal started
        started = started or time.perf_counter()
        return [Done("done", Outgoing(onward, message.key or b"", message.value or b"")) for message in batch]

    class CountingOutbox(Outbox):
        async def send(self, messages: Sequence[Outgoing]) -> list[int]:
            nonlocal seen
            refused = await super().send(messages)
            seen += len(messages)
            if seen >= expected:
                done.set()
            return refused

    outbox = CountingOutbox(settings)
    processor = Processor(
        Hop(replace(FLOW["entities"], runs=Arrangement("in the loop")), pass_on), outbox, settings
    )
    app = stage_app(settings, processor, lambda error: sys.exit(str(error)))
    app.finalize()
    await app.start()
    await done.wait()
    seconds = time.perf_counter() - started
    await app.stop()
    await outbox.stop()
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=3)
    add_option(parser)
    options = parser.parse_args()
    rates = []
    with tempfile.TemporaryDirectory() as folder:
        for run in range(options.runs):
            with EmbeddedBroker(Path(folder) / "broker.log") as broker:
                settings = Settings.load(
                    bootstrap_servers=broker.address,
                    topic_prefix=f"hop{run}",
                    group_prefix=f"hop{run}",
                    session_timeout_seconds=3.0,
                )
                with Admin(settings) as admin:
                    admin.ensure_topics()
                    with Publisher(settings) as publisher:
                        for number in range(options.messages):
                            publisher.send(
                                topic_name(settings, Topic.DEDUPLICATED),
                                f"key-{number}".encode(),
                                b"x" * _BYTES,
                            )
                        publisher.flush()
                    seconds = asyncio.run(hop(settings, options.messages))
                    arrived = sum(admin.offsets(Topic.WITH_ENTITIES, LATEST).values())
            rates.append(options.messages / seconds)
            print(
                f"run {run + 1}: {options.messages} messages of {_BYTES} bytes in {seconds:.2f} s, {arrived} arrived"
            )
    print(
        f"one hop, every send awaited: {statistics.median(rates):,.0f} messages/s (median of {options.runs})"
    )
    record(options, "hop", {"messages/s": statistics.median(rates)})


if __name__ == "__main__":
    main()
