"""From measured costs to machines: `python benchmarks/scaling_model.py [ARTICLES_A_DAY …]`.

A model of a few lines, which docs/scaling.md prints. What it goes by are costs of one article that were
measured (the commands stand beside them), and assumptions that whoever plans sets: how uneven the day is, how
full machines may be, how long things are kept, what a core and a gigabyte cost. `python
benchmarks/scaling_model.py --help` lists them.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields

_DAY = 86_400
_GB = 1e9
_DEFAULT_DAYS = (1_000_000, 10_000_000, 100_000_000)


@dataclass(frozen=True, slots=True)
class Costs:
    """Of one article of 744 words. Seconds are the processor's, on the machine of docs/benchmarks.md.

    Attributes:
        pool: names and statements (`make bench-worker`: 22 s for 840 articles).
        worker: all that a worker does outside its pool, the client's half of the store included (the same, 4.6 s).
        broker: Apache Kafka's (`make bench-peers`; the embedded broker takes 1.3 ms, `make bench-worker`).
        database: PostgreSQL's own (`make bench-peers`).
        judge: the duplicates stage alone (`make bench-duplicates`).
        in_order: what the stage of the one partition takes with its state written (`make bench-scale`).
        index_bytes: memory of the duplicates stage, for an article inside its window.
        rebuild: of a row of it, when a worker takes the partition over.
        topic_bytes: on all topics together, uncompressed, one copy.
        store_bytes: in PostgreSQL with all indexes.
    """

    pool: float = 22 / 840
    worker: float = 4.6 / 840
    broker: float = 3.2 / 1000
    database: float = 3.0 / 1000
    judge: float = 1 / 12_300
    in_order: float = 1 / 1_500
    index_bytes: float = 769
    rebuild: float = 1 / 143_000
    topic_bytes: float = 40_000
    store_bytes: float = 47_000

    @property
    def everything(self) -> float:
        """Processor seconds of an article in all processes."""
        return self.pool + self.worker + self.broker + self.database


@dataclass(frozen=True, slots=True)
class Plan:
    """What whoever plans decides or assumes.

    Attributes:
        peak: the busiest hour, times the average.
        full: how much of its cores a machine may use at that hour.
        lost: of full cores, what waiting takes (measured: .85 of them are used when a pool is kept busy).
        pool_processes: of one worker.
        window_hours: how far apart copies are looked for.
        topic_days: how long topics keep.
        store_days: how long articles are kept.
        copies: of what is on a topic, on several brokers.
        core_month: the assumed price of a core with its 4 GB of memory for a month; any currency.
        gb_month: the assumed price of a gigabyte of fast storage for a month; the same.
        memory_gb_month: of a gigabyte of memory beyond that.
    """

    peak: float = 3.0
    full: float = 0.6
    lost: float = 0.85
    pool_processes: int = 4
    window_hours: float = 72
    topic_days: float = 7
    store_days: float = 365
    copies: int = 3
    core_month: float = 25.0
    gb_month: float = 0.10
    memory_gb_month: float = 3.0


@dataclass(frozen=True, slots=True)
class Need:
    """What so many articles a day take."""

    a_day: float
    a_second: float
    at_peak: float
    pool_processes: int
    workers: int
    partitions: int
    ordered: float
    """How busy the one stage that sees everything in order is at the peak; over 1 it falls behind."""
    index_gb: float
    takeover_minutes: float
    database_cores: int
    broker_cores: int
    cores: int
    topics_gb: float
    store_gb_a_day: float
    store_gb: float
    money_a_month: float


def rate(costs: Costs, plan: Plan, *, cores: float, pool_processes: int) -> float:
    """Articles a second of one machine that does everything, when articles wait."""
    by_pool = pool_processes / costs.pool
    by_cores = cores / costs.everything
    return plan.lost * min(by_pool, by_cores)


def index_bytes(costs: Costs, articles: float) -> float:
    """Memory of the duplicates stage with so many articles inside its window."""
    return costs.index_bytes * articles


def needed(a_day: float, costs: Costs, plan: Plan) -> Need:
    """What `a_day` articles a day take, at the busiest hour."""
    a_second = a_day / _DAY
    at_peak = a_second * plan.peak
    usable = plan.full * plan.lost
    pool = math.ceil(at_peak * costs.pool / usable)
    workers = math.ceil(pool / plan.pool_processes)
    database = math.ceil(at_peak * costs.database / plan.full)
    broker = math.ceil(at_peak * costs.broker / plan.full)
    cores = pool + math.ceil(at_peak * costs.worker / usable) + database + broker
    remembered = a_day * plan.window_hours / 24
    index_gb = index_bytes(costs, remembered) / _GB
    topics = a_day * plan.topic_days * costs.topic_bytes * plan.copies / _GB
    store_a_day = a_day * costs.store_bytes / _GB
    store = store_a_day * plan.store_days
    return Need(
        a_day=a_day,
        a_second=a_second,
        at_peak=at_peak,
        pool_processes=pool,
        workers=workers,
        partitions=2 ** math.ceil(math.log2(max(8, workers))),
        ordered=at_peak * costs.in_order,
        index_gb=index_gb,
        takeover_minutes=remembered * costs.rebuild / 60,
        database_cores=database,
        broker_cores=broker,
        cores=cores,
        topics_gb=topics,
        store_gb_a_day=store_a_day,
        store_gb=store,
        money_a_month=(
            cores * plan.core_month + (topics + store) * plan.gb_month + index_gb * plan.memory_gb_month
        ),
    )


def table(needs: list[Need]) -> Iterator[str]:
    """As Markdown, a column for each."""
    rows: dict[str, Callable[[Need], str]] = {
        "articles a second, average / busiest hour": lambda one: f"{one.a_second:,.1f} / {one.at_peak:,.0f}",
        "pool processes": lambda one: f"{one.pool_processes:,}",
        "workers": lambda one: f"{one.workers:,}",
        "partitions of each topic but the raw one": lambda one: f"{one.partitions:,}",
        "the one ordered stage, busy at that hour": lambda one: f"{one.ordered:.0%}",
        "its index in memory, GB": lambda one: f"{one.index_gb:,.1f}",
        "minutes until another worker has it": lambda one: f"{one.takeover_minutes:,.1f}",
        "cores of PostgreSQL / Kafka": lambda one: f"{one.database_cores:,} / {one.broker_cores:,}",
        "cores, all together": lambda one: f"{one.cores:,}",
        "topics on disk, all copies, GB": lambda one: f"{one.topics_gb:,.0f}",
        "the store grows a day by, GB": lambda one: f"{one.store_gb_a_day:,.0f}",
        "the store in the end, TB": lambda one: f"{one.store_gb / 1000:,.1f}",
        "money a month at the assumed prices": lambda one: f"{one.money_a_month:,.0f}",
    }
    yield f"| articles a day | {' | '.join(f'{one.a_day:,.0f}' for one in needs)} |"
    yield f"|---|{'---|' * len(needs)}"
    for what, shown in rows.items():
        yield f"| {what} | {' | '.join(shown(one) for one in needs)} |"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("a_day", type=float, nargs="*", default=_DEFAULT_DAYS)
    for kind in (Costs, Plan):
        for one in fields(kind):
            name = f"--{one.name.replace('_', '-')}"
            parser.add_argument(name, type=type(one.default), default=one.default)
    given = vars(parser.parse_args())
    costs = Costs(**{one.name: given[one.name] for one in fields(Costs)})
    plan = Plan(**{one.name: given[one.name] for one in fields(Plan)})
    print("\n".join(table([needed(a_day, costs, plan) for a_day in given["a_day"]])))


if __name__ == "__main__":
    main()
