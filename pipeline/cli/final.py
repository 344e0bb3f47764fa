"""Records that are printed when all have been read: what turned out to be one story has one id by then."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import orjson

from pipeline.record import EnrichedArticle
from pipeline.record.codec import encode

_IN_MEMORY = 32 << 20  # bytes; what is more is kept in a file


@contextmanager
def held_back(
    print_line: Callable[[bytes], None], cluster_of: Callable[[str], str]
) -> Iterator[Callable[[EnrichedArticle], None]]:
    """Take records; print them in order at the end, also after an interrupt, with the ids that clusters have then.

    Args:
        print_line: prints the bytes of a record.
        cluster_of: gives the id of the cluster that one of this id is part of by now.
    """
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as lines:
        clusters: list[str] = []

        def hold(record: EnrichedArticle) -> None:
            lines.write(encode(record) + b"\n")
            clusters.append(record.duplicate.cluster_id)

        try:
            yield hold
        finally:
            lines.seek(0)
            for line, cluster_id in zip(lines, clusters, strict=True):
                final = cluster_of(cluster_id)
                print_line(line.rstrip(b"\n") if final == cluster_id else _moved(line, final))


def _moved(line: bytes, cluster_id: str) -> bytes:
    record = orjson.loads(line)
    record["duplicate"]["cluster_id"] = cluster_id
    return orjson.dumps(record)
