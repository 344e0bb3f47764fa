"""The stages in a plain loop of confluent-kafka: `python -m benchmarks.peers.confluent_loop duplicates|enrich`.

As its documentation has it for at least once: consume a batch, do the work, flush what was produced, then
commit.
"""

from __future__ import annotations

import sys

from confluent_kafka import Consumer, KafkaException, Producer

from benchmarks.peers.stages import DUPLICATES, MESSAGES, Finder, Judge, Keeper, topics
from pipeline.settings import Settings


def main() -> None:
    settings = Settings.load()
    raw, judged = topics(settings)
    servers = {"bootstrap.servers": ",".join(settings.bootstrap_servers)}
    part = sys.argv[1]
    judge = Judge(settings) if part == DUPLICATES else None
    find, keep = (None, None) if judge else (Finder(settings), Keeper(settings))
    producer = Producer(servers | {"linger.ms": 5})
    consumer = Consumer(
        servers
        | {"group.id": settings.group(part), "auto.offset.reset": "earliest", "enable.auto.commit": False}
    )
    consumer.subscribe([raw if judge else judged])
    while True:
        messages = consumer.consume(MESSAGES, timeout=0.1)
        if not messages:
            continue
        for message in messages:
            if error := message.error():
                raise KafkaException(error)
        values = [message.value() or b"" for message in messages]
        if judge:
            for message, value in zip(messages, judge(values), strict=True):
                producer.produce(judged, value, message.key())
            if producer.flush(60):
                raise RuntimeError("the broker did not take all")
        elif find and keep:
            keep(find(values))
        consumer.commit(asynchronous=False)


if __name__ == "__main__":
    main()
