"""The logs among what the embedded broker keeps: put right after a crash, and kept short.

The broker raises the end of a partition before it writes the batch. A crash between the two leaves an end behind
which nothing stands, and readers wait there for ever: before it starts again, each end is set behind the last batch
that there is. Nothing that was acknowledged is touched by it.

It also notes what an idempotent producer has sent before it writes it. A producer that outlived a crash would be told
that what it sends again is there already, and would take it for accepted. So none of those before is known any more:
they are refused, and say so.

A log would grow without end, and the broker lists all its batches at each look. What every group that reads a
partition has done is dropped, except for the last thousand batches.
"""

from __future__ import annotations

import struct
from pathlib import PurePosixPath

import orjson

from pipeline.kafka.storage.objects import Objects

_TOPICS = "topics/"
_WATERMARK = "watermark.json"
_META = "meta.json"
_RECORDS = "records"
_LAST_OFFSET_DELTA = struct.Struct(">23xi")  # of a record batch, version 2
KEPT_BATCHES = 1_000
"""Batches of a partition that are kept though they are read."""
_SURPLUS = 200  # batches more than that before the log is shortened


async def mend(objects: Objects) -> list[str]:
    """Set the end of each log behind its last batch; gives the names of the logs that were put right.

    Args:
        objects: what the broker keeps, while it does not run.
    """
    await _refuse_earlier_producers(objects)
    mended = []
    names = [name for name, _ in objects.below("") if name.endswith(f"/{_WATERMARK}")]
    for name in names:
        folder = name.removesuffix(f"/{_WATERMARK}")
        watermark = orjson.loads(await objects.read(name))
        end = await _end(objects, folder)
        if end is not None and watermark.get("high") not in (None, end):
            await objects.write(name, orjson.dumps(watermark | {"high": end}))
            mended.append(folder.rpartition(_TOPICS)[2])
    return mended


async def _refuse_earlier_producers(objects: Objects) -> None:
    for name in [name for name, _ in objects.below("") if name.endswith(f"/{_META}")]:
        meta = orjson.loads(await objects.read(name))
        if producers := meta.get("producers"):
            # The next producer gets the number behind the last one.
            last = max(producers, key=int)
            epoch = max(map(int, producers[last]["sequences"]), default=0)
            meta["producers"] = {last: {"sequences": {str(epoch + 1): {}}}}
            await objects.write(name, orjson.dumps(meta))


async def _end(objects: Objects, partition: str) -> int | None:
    """The offset behind the last batch; None where nothing tells, since all of it may have been dropped."""
    batches = [name for name, _ in objects.below(f"{partition}/{_RECORDS}/")]
    if not batches:
        return None
    (delta,) = _LAST_OFFSET_DELTA.unpack_from(await objects.read(batches[-1]))
    return _offset(batches[-1]) + int(delta) + 1


async def trim(objects: Objects, written: str) -> None:
    """Shorten the log that an object was written to, if it is a batch and the log has become long.

    Args:
        objects: what the broker keeps.
        written: the name of the object.
    """
    path = PurePosixPath(written)
    if path.parent.name != _RECORDS:
        return
    batches = [name for name, _ in objects.below(f"{path.parent}/")]
    if len(batches) < KEPT_BATCHES + _SURPLUS:
        return
    done = await _done(objects, path.parent.parent)
    await objects.delete_retired(f"{path.parent}/")
    for name in batches[:-KEPT_BATCHES]:
        if done is None or _offset(name) >= done:
            return
        objects.retire(name)


async def _done(objects: Objects, partition: PurePosixPath) -> int | None:
    """The offset up to which every group has done a partition; None where no group has."""
    topic, number = partition.parent.parent.name, partition.name
    cluster = partition.parents[3]
    committed = [
        orjson.loads(await objects.read(name))["offset"]
        for name, _ in objects.below(f"{cluster}/groups/consumers/")
        if name.endswith(f"/offsets/{topic}/partitions/{number}.json")
    ]
    return min(committed, default=None)


def _offset(batch: str) -> int:
    return int(PurePosixPath(batch).stem)
