"""The stages in Quix Streams: `python -m benchmarks.peers.quix_app duplicates|enrich`.

As in its documentation: a function for each message, a sink that is given what a checkpoint has gathered; at
least once.
"""

from __future__ import annotations

import sys

from quixstreams import Application
from quixstreams.sinks import BatchingSink, SinkBatch

from benchmarks.peers.stages import DUPLICATES, Finder, Judge, Keeper, topics
from pipeline.settings import Settings


class StoreSink(BatchingSink):  # type: ignore[misc]
    """Stores what has come since the last checkpoint."""

    def __init__(self, keep: Keeper) -> None:
        super().__init__()
        self._keep = keep

    def write(self, batch: SinkBatch) -> None:
        """See BatchingSink."""
        for chunk in batch.iter_chunks(128):
            self._keep([item.value for item in chunk])


def main() -> None:
    settings = Settings.load()
    raw, judged = topics(settings)
    app = Application(
        broker_address=",".join(settings.bootstrap_servers),
        consumer_group=settings.group(sys.argv[1]),
        auto_offset_reset="earliest",
        auto_create_topics=False,
        commit_interval=1.0,  # 5 by default: nothing is stored until then
        loglevel="WARNING",
    )
    source = app.topic(
        raw if sys.argv[1] == DUPLICATES else judged, key_deserializer="bytes", value_deserializer="bytes"
    )
    stream = app.dataframe(source)
    if sys.argv[1] == DUPLICATES:
        judge = Judge(settings)
        stream = stream.apply(lambda value: judge([value])[0])
        stream.to_topic(app.topic(judged, key_serializer="bytes", value_serializer="bytes"))
    else:
        find = Finder(settings)
        stream = stream.apply(lambda value: find([value])[0])
        stream.sink(StoreSink(Keeper(settings)))
    app.run()


if __name__ == "__main__":
    main()
