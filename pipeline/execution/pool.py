"""A pool of processes for the stages that compute.

Batches go in and come out as encoded records, so that decoding and encoding are done where the cores are. A
batch whose process dies or runs out of time is done again item by item; only the article that does it again
is rejected, and its neighbours go through.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from pebble import ProcessExpired, ProcessPool

from pipeline.errors import PipelineError, Reason, SettingsError, TransientError
from pipeline.execution.memory import collect_rarely, spare_collections
from pipeline.execution.portions import portions
from pipeline.execution.processes import LastingPool, Task
from pipeline.record import EnrichedArticle
from pipeline.record.codec import decode_record, encode
from pipeline.settings import MIB
from pipeline.stages.base import Outcome, Rejection, Stage, raised
from pipeline.stages.isolation import each, going_on
from pipeline.watch import metrics

log = logging.getLogger(__name__)

# Articles that a process gets at once: fewer cost the stages more than a second core gains, more leave the
# other processes waiting for the last one.
_SMALLEST_SHARE = 8
_LARGEST_SHARE = 16
_LARGEST_BYTES = MIB  # of such a share; a process holds some twenty times that while it works

_START_SECONDS = 40.0  # for a process to load its models on a busy machine


@dataclass(frozen=True, slots=True)
class Batch:
    """What comes back from a process: one encoded record or rejection an item, and what each stage counted."""

    items: list[bytes | Rejection]
    counters: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


_stages: Mapping[str, Stage] = {}
_unfit: SettingsError | None = None


def _start(stages: Mapping[str, Stage]) -> None:
    """Prepare a process of the pool. Ctrl-C is the parent's to handle: it ends the pool."""
    global _stages, _unfit  # noqa: PLW0603 - a pool process serves one set of stages for all of its life
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _stages = stages
    collect_rarely()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        for stage in stages.values():
            stage.warm_up()
    except SettingsError as error:  # a process that ends here would be started again and again
        _unfit = error
    spare_collections()


def _end_with_parent() -> None:
    """End this process when its parent is gone: a killed worker must not leave processes behind."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def process(stages: Mapping[str, Stage], values: Sequence[bytes | None]) -> Batch:
    """Decode a batch, run stages on it one behind the other, encode what comes of it; isolates every item."""
    outcomes: list[Outcome] = each(decode_record, values)
    for place, (name, stage) in enumerate(stages.items()):
        outcomes = [*going_on(outcomes, _named(name, stage) if place else stage)]
    counters = {name: stage.take_counters() for name, stage in stages.items()}
    return Batch([_encoded(outcome) for outcome in outcomes], counters)


def _named(name: str, stage: Stage) -> Callable[[Sequence[EnrichedArticle]], list[Outcome]]:
    """The stage, whose rejections say its name: the dead letter is one of the step whose message it was."""

    def work(batch: Sequence[EnrichedArticle]) -> list[Outcome]:
        return [one.named(name) if isinstance(one, Rejection) else one for one in stage(batch)]

    return work


def _encoded(outcome: Outcome) -> bytes | Rejection:
    if isinstance(outcome, Rejection):
        return outcome
    try:
        return encode(outcome)
    except ValueError as error:
        return Rejection(Reason.STAGE_ERROR, f"the record can't be encoded: {error}")


def _size(value: bytes | None) -> int:
    return len(value or b"")


def _require_fit() -> None:
    """Raise what kept the stages of this process from starting, if anything did."""
    if _unfit is not None:
        raise _unfit


def _run(names: Sequence[str], values: Sequence[bytes | None]) -> Batch:
    _require_fit()
    return process({name: _stages[name] for name in names}, values)


class StagePool:
    """Runs named stages in processes of their own.

    Args:
        stages: by name; pickled once for each process.
        processes: how many.
        joined: by the name of a stage, those that are run right behind it, in the same process and without encoding
            the record in between.
        article_timeout: seconds that one article may take in a stage that has no other limit; a batch gets as many
            times that as it has articles, up to `batch_timeout`, before it is taken apart.
        batch_timeout: seconds that a batch may take.
    """

    def __init__(
        self,
        stages: Mapping[str, Stage],
        *,
        processes: int,
        joined: Mapping[str, Sequence[str]] | None = None,
        article_timeout: float = 30.0,
        batch_timeout: float = 120.0,
    ) -> None:
        self._stages = dict(stages)
        self._processes = processes
        self._works = {name: (name, *(joined or {}).get(name, ())) for name in stages}
        self._article_timeouts = {
            name: sum(stages[part].time_limit(article_timeout) for part in parts)
            for name, parts in self._works.items()
        }
        self._batch_timeout = batch_timeout
        self._pool: LastingPool | None = None
        self._lock = threading.Lock()
        self._tasks = 0
        self._ended: Counter[str] = Counter()

    def __enter__(self) -> Self:
        # One thread of linear algebra a process: the pool is what spreads work over the cores.
        for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
            os.environ.setdefault(variable, "1")
        self._pool = LastingPool(self._processes_anew, start_seconds=_START_SECONDS)
        metrics.POOL_PROCESSES.set(self._processes)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.close()
            self._pool = None

    def steps(self, name: str) -> int:
        """How many pieces of a stage's work have come to an end, one way or another."""
        with self._lock:
            return self._ended[name]

    def require_fit(self) -> None:
        """Wait until a process has its stages ready.

        Raises:
            SettingsError: one of them can't work here.
            TransientError: no process got as far as that.
        """
        if self._pool is None:
            raise RuntimeError("the pool is not running")
        try:
            self._pool.result(self._pool.schedule(_require_fit, [], timeout=_START_SECONDS))
        except (TimeoutError, ProcessExpired) as error:
            raise TransientError(f"the pool of processes does not start: {error}") from error

    def _processes_anew(self) -> ProcessPool:
        return ProcessPool(
            max_workers=self._processes,
            initializer=_start,
            initargs=[self._stages],
            context=multiprocessing.get_context("spawn"),
        )

    def run(self, name: str, values: Sequence[bytes | None]) -> list[bytes | Rejection]:
        """One encoded record or rejection for each value, in order. Blocks; call it from a thread.

        The stages that are joined to this one are run too.

        Raises:
            SettingsError: the stage can't work at all, such as without its model.
            TransientError: the processes are gone; there are new ones.
        """
        share = min(_LARGEST_SHARE, max(_SMALLEST_SHARE, -(-len(values) // self._processes)))
        parts = list(portions(values, _size, count=share, limit=_LARGEST_BYTES))
        tasks = [self._schedule(name, part, self._limit(name, part)) for part in parts]
        try:
            return [
                item
                for part, task in zip(parts, tasks, strict=True)
                for item in self._collected(name, part, task)
            ]
        finally:
            for task in tasks:
                task.future.cancel()

    def _limit(self, name: str, values: Sequence[bytes | None]) -> float:
        return min(self._batch_timeout, self._article_timeouts[name] * len(values))

    def _collected(self, name: str, values: Sequence[bytes | None], task: Task) -> list[bytes | Rejection]:
        result = self._result(task, self._limit(name, values))
        if isinstance(result, Rejection):
            log.warning("%s: %s; doing its %d articles one by one", name, result.detail, len(values))
            return [self._alone(name, value) for value in values]
        return result.items

    def _alone(self, name: str, value: bytes | None) -> bytes | Rejection:
        """One article by itself. A second try tells what it does from what was done to it (out of memory)."""
        result = self._once(name, value)
        if isinstance(result, Rejection) and result.reason is Reason.WORKER_DIED:
            result = self._once(name, value)
        return result if isinstance(result, Rejection) else result.items[0]

    def _once(self, name: str, value: bytes | None) -> Batch | Rejection:
        limit = self._article_timeouts[name]
        return self._result(self._schedule(name, [value], limit), limit)

    def _schedule(self, name: str, values: Sequence[bytes | None], limit: float) -> Task:
        if self._pool is None:
            raise RuntimeError("the pool is not running")
        task = self._pool.schedule(_run, [self._works[name], list(values)], timeout=limit)
        self._count_tasks(name, +1)
        task.future.add_done_callback(lambda _: self._count_tasks(name, -1))
        return task

    def _count_tasks(self, name: str, change: int) -> None:
        """Those beyond the number of processes are waiting for one."""
        with self._lock:
            self._tasks += change
            self._ended[name] += change < 0
            metrics.POOL_BUSY.set(min(self._tasks, self._processes))

    def _result(self, task: Task, limit: float) -> Batch | Rejection:
        """The batch, or why the whole of it did not come back."""
        if self._pool is None:
            raise RuntimeError("the pool is not running")
        try:
            batch: Batch = self._pool.result(task)
        except TimeoutError:
            metrics.POOL_RESTARTS.labels("timeout").inc()
            return Rejection(Reason.STAGE_TIMEOUT, f"took longer than {limit:g} s", cause="out of time")
        except ProcessExpired as death:
            metrics.POOL_RESTARTS.labels("died").inc()
            died = f"its process died (exit code {death.exitcode})"
            return Rejection(Reason.WORKER_DIED, died, cause=died)
        except PipelineError:
            raise
        except Exception as error:  # noqa: BLE001 - a stage should not raise; if one does, one article is to blame
            return raised(error)
        for stage, counted in batch.counters.items():
            for event, count in counted.items():
                metrics.STAGE_EVENTS.labels(stage, event).inc(count)
        return batch
