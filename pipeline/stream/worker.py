"""A worker: the Faust apps of some stages in one event loop, from first connection to drained."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import tenacity

from pipeline import __version__
from pipeline.errors import SettingsError, TransientError
from pipeline.execution.memory import spare_collections
from pipeline.execution.pool import StagePool
from pipeline.execution.signals import already_stopping, on_stop
from pipeline.flow import FLOW, IN_ORDER, IN_POOL, IN_TRANSACTION, Step, joined
from pipeline.kafka.admin import Admin, PartitionLag
from pipeline.kafka.topicconfig import Harm, TopicState, said
from pipeline.kafka.unpacking import require_codecs
from pipeline.settings import Settings
from pipeline.stages.base import Stage
from pipeline.stages.duplicates import Deduplicator, DuplicateStage
from pipeline.stages.registry import installed
from pipeline.stores.base import Store, configured_store
from pipeline.stream import hops as kinds
from pipeline.stream.alerting import alerting_for
from pipeline.stream.apps import stage_app
from pipeline.stream.commits import Refuse
from pipeline.stream.outbox import Outbox
from pipeline.stream.processor import Hop, Processor
from pipeline.stream.resumption import refuse_another_store
from pipeline.watch import metrics
from pipeline.watch.broker import BrokerWatch
from pipeline.watch.exposition import Exposition
from pipeline.watch.faults import Fault
from pipeline.watch.health import LagMonitor, StageHealth

log = logging.getLogger(__name__)

EXIT_STALLED = 70
EXIT_GRACE_OVER = 71


def pooled_stages(settings: Settings, steps: Sequence[Step]) -> Mapping[str, Stage]:
    """The stages of those of the steps that run in the pool, by name, with what other packages add to them."""
    registry = installed()
    return {step.name: registry.pooled(step, settings) for step in steps if step.runs is IN_POOL}


class _Running:
    """One stage under way."""

    def __init__(self, settings: Settings, hop: Hop, outbox: Outbox, refuse: Refuse) -> None:
        self.processor = Processor(hop, outbox, settings)
        self.app = stage_app(settings, self.processor, refuse)
        self._loop = asyncio.get_running_loop()
        self.assigned = asyncio.Event()
        self.app.on_partitions_assigned.connect(self._on_assigned, weak=False)
        self.health = StageHealth(
            hop.stage,
            self._is_ready,
            self._partitions,
            lambda: self.processor.waiting_for,
            hop.steps,
            self._review,
            lambda: self.processor.done,
        )

    def _review(self, lags: list[PartitionLag], after_outage: bool) -> None:
        """From the monitor's thread into the loop, where the consumer lives."""
        if self._is_ready():
            review = partial(self.app.consumer.review, lags, after_outage=after_outage)
            with contextlib.suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(review)

    async def _on_assigned(self, *_: Any, **__: Any) -> None:
        self.assigned.set()

    def _is_ready(self) -> bool:
        return self.assigned.is_set() and not self.app.rebalancing and not self.app.should_stop

    def _partitions(self) -> frozenset[int]:
        if not self.assigned.is_set():
            return frozenset()
        return frozenset(partition.partition for partition in self.app.consumer.assignment())


class Worker:
    """Runs stages until told to stop, then drains.

    Args:
        settings: everything.
        stages: which steps of the flow.
        on_ready: called once, with the address of the metrics, when all stages have their partitions.
        pooled: gives the stages that run in the pool; tests put faulty ones there.
    """

    def __init__(
        self,
        settings: Settings,
        stages: Sequence[str],
        *,
        on_ready: Callable[[str], None] | None = None,
        pooled: Callable[[Settings, Sequence[Step]], Mapping[str, Stage]] = pooled_stages,
    ) -> None:
        self._settings = settings
        self._pooled = pooled
        steps = FLOW.chosen(stages)
        self._steps = joined(steps) if settings.join_stages else steps
        self._stages = [step.name for step in self._steps]
        self._on_ready = on_ready
        self._running: list[_Running] = []
        self._broker = BrokerWatch(settings)
        self._stopping = threading.Event()
        self._pool: StagePool | None = None

    def run(self) -> None:
        """Run until SIGTERM or SIGINT.

        Raises:
            SettingsError: topics, store, model or a codec's package are not as they should be.
        """
        require_codecs()
        installed()
        metrics.BUILD_INFO.info({"version": __version__, "stages": ",".join(self._stages)})
        metrics.start_at_zero(self._steps)
        spare_collections()
        with contextlib.ExitStack() as stack:
            exposition = Exposition(
                self._settings.metrics_host,
                self._settings.metrics_port,
                live=self._not_live,
                ready=self._not_ready,
            )
            stack.callback(exposition.close)
            self._start_pool(stack)
            store = self._store(stack)
            self._await_topics()
            hops = self._hops(store)
            _patiently(lambda: self._refuse_another_store(hops))
            asyncio.run(self._serve(hops, exposition.url))

    def _start_pool(self, stack: contextlib.ExitStack) -> None:
        """Before all else: its processes load their models while the rest is made ready."""
        stages = self._pooled(self._settings, self._steps)
        if stages:
            self._pool = stack.enter_context(
                StagePool(
                    stages,
                    processes=self._settings.pool_processes,
                    joined={step.name: step.joined for step in self._steps},
                    article_timeout=self._settings.article_timeout_seconds,
                )
            )

    def _store(self, stack: contextlib.ExitStack) -> Store | None:
        """The store, for the stages that write to it. What only a person can mend there is said before all else."""
        if not any(step.runs.writes_to_store for step in self._steps):
            return None
        store = configured_store(self._settings)
        stack.callback(store.close)
        _patiently(lambda: None if store.is_current() else store.upgrade())
        return store

    def _hops(self, store: Store | None) -> list[Hop]:
        hops: dict[str, Hop] = {}
        if store is not None:
            identity = _patiently(store.identity)
            for step in self._steps:
                if step.runs is IN_ORDER:
                    hops[step.name] = replace(self._duplicates(step, store), store=identity)
                elif step.runs is IN_TRANSACTION:
                    alerting = alerting_for(store, least_confidence=self._settings.display_confidence)
                    hops[step.name] = replace(
                        kinds.sink(self._settings, step, store, alerting), store=identity
                    )
        if self._pool is not None:
            hops |= {
                step.name: kinds.pooled(self._settings, step, self._pool)
                for step in self._steps
                if step.runs is IN_POOL
            }
        return [hops[stage] for stage in self._stages]

    def _duplicates(self, step: Step, store: Store) -> Hop:
        deduplicator = Deduplicator(store.duplicates, window=self._settings.window)
        metrics.INDEXED_ARTICLES.set_function(lambda: len(deduplicator))
        return kinds.ordered(
            self._settings,
            step,
            DuplicateStage(deduplicator),
            lambda verdict: metrics.VERDICTS.labels(verdict).inc(),
        )

    def _await_topics(self) -> None:
        """Wait for the broker; insist on the topics, and say where their settings put articles at risk."""

        def look() -> list[TopicState]:
            with Admin(self._settings) as admin:
                return admin.topic_states()

        states = _patiently(look)
        if problems := said(states, Harm.STOPS):
            raise SettingsError("; ".join(problems))
        for risk in said(states, Harm.RISKS):
            log.warning("%s", risk)

    def _refuse_another_store(self, hops: Sequence[Hop]) -> None:
        """Before this worker joins a group and takes partitions from those that write to the right store."""
        writing = [hop for hop in hops if hop.store]
        if writing:
            with Admin(self._settings) as admin:
                lags = admin.lag({hop.stage: hop.source for hop in writing})
            refuse_another_store(writing[0].store, lags)

    async def _serve(self, hops: Sequence[Hop], metrics_url: str) -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        on_stop(lambda: loop.is_closed() or loop.call_soon_threadsafe(stop.set))
        outbox = Outbox(self._settings)
        refused: asyncio.Future[SettingsError] = loop.create_future()

        def refuse(error: SettingsError) -> None:
            if not refused.done():
                refused.set_result(error)

        self._running = [_Running(self._settings, hop, outbox, refuse) for hop in hops]
        monitor = LagMonitor(
            self._settings,
            {step.name: step.reads for step in self._steps},
            [stage.health for stage in self._running],
            on_stall=self._on_stall if self._settings.exit_when_stalled else None,
        )
        monitor.start()
        self._broker.start()
        starting = asyncio.create_task(self._start(metrics_url))
        stopped = asyncio.create_task(stop.wait())
        crashed = [asyncio.create_task(stage.app.wait_until_stopped()) for stage in self._running]
        ends: set[asyncio.Future[Any]] = {stopped, refused, *crashed}
        await asyncio.wait({starting, *ends}, return_when=asyncio.FIRST_COMPLETED)
        not_started = starting.exception() if starting.done() else None
        if not_started is None:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        clean = stopped.done()
        log.info(
            "draining" if clean or refused.done() else "a stage has stopped by itself: ending the worker"
        )
        self._stopping.set()
        grace = threading.Timer(self._settings.grace_seconds, _grace_over)
        grace.daemon = True
        grace.start()
        starting.cancel()
        await asyncio.gather(*(stage.app.stop() for stage in self._running))
        for task in (stopped, *crashed):
            task.cancel()
        refusal = refused.result() if refused.done() else None
        await outbox.stop()
        monitor.stop()
        self._broker.stop()
        grace.cancel()
        if refusal is not None:
            raise refusal
        already_stopping()
        if isinstance(not_started, SettingsError):
            raise not_started
        if not_started is not None:
            raise TransientError(f"the stages did not start: {not_started}") from not_started
        if not clean:
            raise TransientError("a stage stopped by itself; the log says why")
        log.info("drained")

    async def _start(self, metrics_url: str) -> None:
        for stage in self._running:
            stage.app.finalize()
        await asyncio.gather(*(stage.app.start() for stage in self._running))
        await asyncio.gather(*(stage.assigned.wait() for stage in self._running))
        if self._pool:
            await asyncio.to_thread(self._pool.require_fit)
        log.info("ready: %s; metrics at %s", ", ".join(self._stages), metrics_url)
        if self._on_ready:
            self._on_ready(metrics_url)

    def _not_ready(self) -> list[str]:
        if not self._running:
            return ["starting"]
        if self._broker.is_away:
            return ["the broker does not answer"]
        return [
            f"{stage.health.stage}: no partitions yet" for stage in self._running if not stage.health.ready()
        ]

    def _not_live(self) -> list[str]:
        limit = self._settings.stall_seconds
        now = time.monotonic()
        return [
            f"{stage.health.stage}: lag, but no progress for {limit:g} s"
            for stage in self._running
            if stage.health.stalled_for(now) > limit
        ]

    def _on_stall(self, stage: str) -> None:
        if not self._stopping.is_set():
            log.critical("%s is stalled: ending, for the platform to start a new worker", stage)
            logging.shutdown()
            os._exit(EXIT_STALLED)


def _grace_over() -> None:
    log.critical("not drained within PIPELINE_GRACE_SECONDS: ending; what was in hand will be done again")
    logging.shutdown()
    os._exit(EXIT_GRACE_OVER)


def _patiently(call: Callable[[], Any]) -> Any:
    """Wait out transient faults at the start."""
    fault = Fault("waiting to start", log.warning)
    for attempt in tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(TransientError),
        wait=tenacity.wait_exponential_jitter(multiplier=0.2, max=15),
        before_sleep=lambda state: fault.again(state.outcome.exception() if state.outcome else ""),
    ):
        with attempt:
            found = call()
    fault.over()
    return found
