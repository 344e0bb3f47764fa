"""The scene of a chaos run: Kafka, PostgreSQL, workers under load, and what can be done to them."""

from __future__ import annotations

import os
import random
import signal
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from sqlalchemy import text

from pipeline.flow import FLOW, joined
from pipeline.stores.sql.database import writing
from tests.chaos.proxy import CommitDroppingProxy
from tests.integration.postgres import PostgresServer
from tests.support.apache_kafka import ApacheKafka
from tests.support.pipelines import SESSION_SECONDS, LivePipeline
from tests.support.waiting import eventually
from tests.support.workers import WorkerProcess

_HEALING_SECONDS = 240.0
_JOINED = 0.5  # of the workers


def in_flight(pipeline: LivePipeline) -> int:
    """Messages that are somewhere on their way: the lag of all stages together."""
    return sum(lag.lag for lag in pipeline.lags())


def await_progress(pipeline: LivePipeline, stages: Iterable[str] = FLOW.sources, *, within: float) -> None:
    """Wait until each of the stages has committed more than now."""
    groups = [pipeline.settings.group(stage) for stage in stages]

    def committed() -> dict[str, int]:
        totals = dict.fromkeys(groups, 0)
        for lag in pipeline.lags():
            if lag.group in totals:
                totals[lag.group] += lag.committed or 0
        return totals

    before = committed()
    eventually(
        lambda: all(now > before[group] for group, now in committed().items()),
        within=within,
        what="every stage gets on again",
    )


@dataclass
class Scene:
    """What a fault can reach. `dice` is the one source of chance."""

    kafka: ApacheKafka
    postgres: PostgresServer
    proxy: CommitDroppingProxy
    pipeline: LivePipeline
    dice: random.Random
    workers: list[WorkerProcess] = field(default_factory=list)

    def start_worker(self) -> WorkerProcess:
        """One more worker with all stages, ready; some have the computing ones joined, beside others that have not."""
        worker = self.pipeline.faulty_worker(join_stages=self.dice.random() < _JOINED).wait_ready()
        self.workers.append(worker)
        return worker

    def lose(self, worker: WorkerProcess) -> None:
        """A worker has ended: another takes its place."""
        self.workers.remove(worker)
        self.start_worker()

    def in_flight(self) -> int:
        """Messages that are somewhere on their way: the lag of all stages together."""
        return in_flight(self.pipeline)

    def await_progress(self) -> None:
        """Wait until every stage has committed more than now, whether its workers have stages joined or not."""
        behind = {name for step in joined(FLOW.steps) for name in step.joined}  # which may have nothing to do
        stages = [name for name in FLOW.sources if name not in behind]
        await_progress(self.pipeline, stages, within=_HEALING_SECONDS)


def _last(seconds: float) -> None:
    """Let a fault last: nothing happens that could be awaited."""
    threading.Event().wait(seconds)


def _worker_killed(scene: Scene) -> None:
    victim = scene.dice.choice(scene.workers)
    victim.kill()
    scene.lose(victim)


def _worker_told_to_stop(scene: Scene) -> None:
    victim = scene.dice.choice(scene.workers)
    code = victim.stop()
    assert code == 0, f"a worker did not drain (exit code {code}):\n{victim.log()[-2000:]}"
    scene.lose(victim)


def _worker_frozen(scene: Scene) -> None:
    """Past its session time-out: the others get its partitions, and then it wakes up in mid-batch."""
    victim = scene.dice.choice(scene.workers)
    victim.pause()
    _last(SESSION_SECONDS * scene.dice.uniform(1.5, 3))
    victim.resume()


def _workers_come_and_go(scene: Scene) -> None:
    guest = scene.start_worker()
    _last(scene.dice.uniform(0, 3))
    scene.workers.remove(guest)
    assert guest.stop() == 0


def _pool_process_killed(scene: Scene) -> None:
    worker = scene.dice.choice(scene.workers)
    for pid in eventually(worker.pool_pids, what="the pool has processes"):
        os.kill(pid, signal.SIGKILL)


def _broker_restarted(scene: Scene) -> None:
    scene.kafka.stop()
    _last(scene.dice.uniform(0, 5))
    scene.kafka.start()
    scene.pipeline.reconnect()


def _broker_killed(scene: Scene) -> None:
    scene.kafka.kill()
    _last(scene.dice.uniform(0, 5))
    scene.kafka.start()
    scene.pipeline.reconnect()


def _broker_frozen(scene: Scene) -> None:
    scene.kafka.pause()
    _last(SESSION_SECONDS * scene.dice.uniform(1, 3))
    scene.kafka.resume()
    scene.pipeline.reconnect()


def _database_stopped(scene: Scene) -> None:
    """For longer than sessions, commits and connections may take."""
    scene.postgres.stop("fast")
    _last(scene.dice.uniform(10, 20))
    scene.postgres.start()


def _database_crashed(scene: Scene) -> None:
    scene.postgres.stop("immediate")
    _last(scene.dice.uniform(0, 3))
    scene.postgres.start()


def _database_frozen(scene: Scene) -> None:
    scene.postgres.signal(signal.SIGSTOP)
    _last(SESSION_SECONDS * scene.dice.uniform(1, 3))
    scene.postgres.signal(signal.SIGCONT)


def _database_slow(scene: Scene) -> None:
    """Every article that is written takes a tenth of a second longer."""
    with writing(scene.pipeline.engine) as connection:
        connection.execute(
            text(
                "CREATE OR REPLACE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN PERFORM pg_sleep(0.1); RETURN NEW; END $$"
            )
        )
        connection.execute(
            text("CREATE TRIGGER dawdle BEFORE INSERT ON articles FOR EACH ROW EXECUTE FUNCTION dawdle()")
        )
    _last(scene.dice.uniform(3, 8))
    with writing(scene.pipeline.engine) as connection:
        connection.execute(text("DROP TRIGGER dawdle ON articles"))


def _commit_answer_lost(scene: Scene) -> None:
    assert scene.proxy.drop_next_commit(within=_HEALING_SECONDS), "nobody committed"


FAULTS: dict[str, Callable[[Scene], None]] = {
    "worker killed (SIGKILL)": _worker_killed,
    "worker told to stop (SIGTERM): drained, exit code 0": _worker_told_to_stop,
    "worker frozen past its session (SIGSTOP, SIGCONT)": _worker_frozen,
    "worker joins and leaves": _workers_come_and_go,
    "process of the pool killed": _pool_process_killed,
    "broker restarted": _broker_restarted,
    "broker killed (SIGKILL)": _broker_killed,
    "broker frozen (SIGSTOP, SIGCONT)": _broker_frozen,
    "database stopped for 10 to 20 s": _database_stopped,
    "database crashed": _database_crashed,
    "database frozen (SIGSTOP, SIGCONT)": _database_frozen,
    "database slow (0.1 s an article)": _database_slow,
    "answer to a commit lost": _commit_answer_lost,
}
"""Each injects its fault, lets it last, and heals it."""
