"""The stages in FastStream: `python -m benchmarks.peers.faststream_app duplicates|enrich`.

As in its documentation: a subscriber that takes batches and a publisher that takes what it returns.
Acknowledged when the function has returned; by default it would be before, and a crash would lose what was in
hand.
"""

from __future__ import annotations

import asyncio
import sys

from faststream import AckPolicy, FastStream
from faststream.confluent import KafkaBroker, KafkaMessage

from benchmarks.peers.stages import DUPLICATES, MESSAGES, Finder, Judge, Keeper, topics
from pipeline.settings import Settings


async def as_bytes(message: KafkaMessage) -> object:
    """The values as they came: they are read where they are judged."""
    return message.body


def app(part: str, settings: Settings) -> FastStream:
    """The program for one part of the work."""
    broker = KafkaBroker(list(settings.bootstrap_servers))
    raw, judged = topics(settings)
    subscriber = broker.subscriber(
        raw if part == DUPLICATES else judged,
        group_id=settings.group(part),
        auto_offset_reset="earliest",
        batch=True,
        max_records=MESSAGES,
        ack_policy=AckPolicy.NACK_ON_ERROR,
        decoder=as_bytes,
    )
    if part == DUPLICATES:
        judge = Judge(settings)

        @subscriber  # type: ignore[untyped-decorator]
        @broker.publisher(judged, batch=True, autoflush=True)  # type: ignore[untyped-decorator]
        def decide(values: list[bytes]) -> list[bytes]:
            return judge(values)

    else:
        find, keep = Finder(settings), Keeper(settings)

        @subscriber  # type: ignore[untyped-decorator]
        def enrich(values: list[bytes]) -> None:
            keep(find(values))

    return FastStream(broker)


def main() -> None:
    asyncio.run(app(sys.argv[1], Settings.load()).run(log_level=30))


if __name__ == "__main__":
    main()
