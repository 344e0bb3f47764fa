"""The limit: our stages in processes, without a broker and without a store.

    python -m benchmarks.peers.in_process ARTICLES.jsonl PROCESSES

The duplicates stage judges in the first process, in batches; names and statements are found in as many others,
which get encoded records and give encoded records back, as in the worker. Prints the seconds of the
processor and those from the first
article to the last, with everything loaded before.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.peers.stages import MESSAGES, whole
from benchmarks.processes import processor_seconds
from pipeline.execution.pool import StagePool
from pipeline.record import Verdict
from pipeline.record.codec import decode_article, encode
from pipeline.settings import Settings
from pipeline.stages.base import Rejection, begun
from pipeline.stages.chain import Chain
from pipeline.stages.duplicates import Deduplicator, DuplicateStage, MemoryStateStore
from pipeline.stages.entities import EntityStage
from pipeline.stages.quotes import QuoteStage

_STAGE = "both"


def judged(values: Sequence[bytes], stage: DuplicateStage) -> Iterator[list[bytes]]:
    """Batches of what goes on to recognition; exact copies do not."""
    for start in range(0, len(values), MESSAGES):
        articles = map(decode_article, values[start : start + MESSAGES])
        records = map(whole, stage([begun(article) for article in articles]))
        yield [encode(one) for one in records if one.duplicate.verdict is not Verdict.EXACT]


def main() -> None:
    values = Path(sys.argv[1]).read_bytes().splitlines()
    settings, processes = Settings.load(), int(sys.argv[2])
    stage = DuplicateStage(Deduplicator(MemoryStateStore(), window=settings.window))
    both = Chain([EntityStage.from_settings(settings), QuoteStage()])
    with StagePool({_STAGE: both}, processes=processes) as pool, ThreadPoolExecutor(2) as threads:
        pool.require_fit()
        # As many batches at once as processes: each has its models, and has read some, before time is taken.
        list(threads.map(lambda batch: pool.run(_STAGE, batch), [*judged(values[:MESSAGES], stage)] * 2))
        stage = DuplicateStage(Deduplicator(MemoryStateStore(), window=settings.window))
        start, spent = time.perf_counter(), processor_seconds()
        for results in threads.map(lambda batch: pool.run(_STAGE, batch), judged(values, stage)):
            if any(isinstance(result, Rejection) for result in results):
                raise SystemExit("an article was rejected")
        seconds = time.perf_counter() - start
        print(processor_seconds() - spent, seconds)


if __name__ == "__main__":
    main()
