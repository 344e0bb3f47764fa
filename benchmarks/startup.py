"""How long until the pipeline is at work, and where the time goes: `python benchmarks/startup.py [--before TREE]`.

Two ways are timed, from the start of the program: `pipeline demo` to its end, and `pipeline worker` (all
stages, embedded broker, SQLite) to its word that it is ready. With --before, the checkout in that folder is
timed in the same run, by turns. Then the parts of a start, each by itself in a new process: they run beside one
another in a worker.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.history import add_option, record
from pipeline.kafka.admin import Admin
from pipeline.kafka.embedded import EmbeddedBroker
from pipeline.settings import Settings

_HERE = Path(__file__).parent.parent
_CLOCK = "import time; start = time.perf_counter()\n{}\nprint(time.perf_counter() - start)"
_STAGE = "from pipeline.stages.entities.stage import EntityStage\nstage = EntityStage()\n"
_PLACES = "from pipeline.stages.entities import gazetteer\n"
_JOIN = """\
import asyncio
from aiokafka import AIOKafkaConsumer
from pipeline.local import _SESSION_SECONDS as session
from pipeline.settings import Settings
async def join():
    consumer = AIOKafkaConsumer(
        "news.raw",
        bootstrap_servers=Settings.load().bootstrap_servers,
        group_id="timed",
        session_timeout_ms=int(session * 1000),
        heartbeat_interval_ms=int(session * 250),
    )
    await consumer.start()
    await consumer.getmany(timeout_ms=100)
    await consumer.stop()
"""
_PARTS = {
    "the worker's modules": ("", "import pipeline.cli.worker, pipeline.stream.worker"),
    "the store: modules, a new SQLite file, its tables": (
        "from pipeline.settings import Settings\nfrom pipeline.stores.base import configured_store\n",
        "store = configured_store(Settings.load()); store.upgrade()",
    ),
    "a pool process: our modules": (
        "",
        "import pipeline.execution.pool, pipeline.stages.registry as r; r.installed()",
    ),
    "a pool process: the tables of places": (
        f"{_PLACES}from pipeline.execution.memory import collect_rarely; collect_rarely()\n",
        "gazetteer.load()",
    ),
    "a pool process: the library's modules": ("import numpy, pydantic\n", "import spacy"),
    "a pool process: the model": (
        f"import spacy\n{_PLACES}{_STAGE}gazetteer.load()\n",
        "stage.warm_up()",
    ),
    "joining a group on the embedded broker": (
        _JOIN,
        "asyncio.run(join())",
    ),
}


def environment(tree: Path, **variables: str) -> dict[str, str]:
    named = {f"PIPELINE_{name.upper()}": value for name, value in variables.items()}
    return os.environ | {"PYTHONPATH": str(tree), "OPENBLAS_NUM_THREADS": "1"} | named


def demo(tree: Path) -> float:
    """Seconds of `pipeline demo`, from the start of Python to its end."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "pipeline", "demo", "--data", folder],
            env=environment(tree), cwd=folder, capture_output=True, check=True,
        )  # fmt: skip
        return time.perf_counter() - start


def worker(tree: Path) -> float:
    """Seconds of `pipeline worker` until it is ready, with the settings that the demo gives it."""
    session = _printed(tree, "from pipeline.local import _SESSION_SECONDS as s; print(s)")
    with tempfile.TemporaryDirectory() as folder, EmbeddedBroker(Path(folder) / "broker.log") as broker:
        with Admin(Settings.load(bootstrap_servers=broker.address)) as admin:
            admin.ensure_topics()
        variables = environment(
            tree,
            bootstrap_servers=broker.address,
            database_url=f"sqlite:///{folder}/store.db",
            session_timeout_seconds=str(session),
            metrics_port="0",
        )
        start = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "pipeline", "worker", "--json"],
            env=variables, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        with process:
            line = process.stdout.readline() if process.stdout else b""
            seconds = time.perf_counter() - start
            process.terminate()
        if b'"ready"' not in line:
            raise SystemExit("the worker ended before it was ready")
    return seconds


def _printed(tree: Path, code: str, **variables: str) -> float:
    with tempfile.TemporaryDirectory() as folder:
        variables = {"database_url": f"sqlite:///{folder}/store.db"} | variables
        done = subprocess.run(
            [sys.executable, "-c", code],
            env=environment(tree, **variables), cwd=folder, capture_output=True, text=True, check=True,
        )  # fmt: skip
    return float(done.stdout)


def parts(runs: int) -> None:
    with tempfile.TemporaryDirectory() as folder, EmbeddedBroker(Path(folder) / "broker.log") as broker:
        with Admin(Settings.load(bootstrap_servers=broker.address)) as admin:
            admin.ensure_topics()
        for what, (before, timed) in _PARTS.items():
            code = before + _CLOCK.format(timed)
            seconds = [_printed(_HERE, code, bootstrap_servers=broker.address) for _ in range(runs)]
            print(f"{what:<52}{statistics.median(seconds):>7.2f} s")


def spent() -> float:
    """Processor time of all children that have ended, in seconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--before", type=Path, help="a checkout to compare with, with its places.json made")
    parser.add_argument("--runs", type=int, default=5)
    add_option(parser)
    arguments = parser.parse_args()
    figures = {}
    trees = {"before": arguments.before.resolve()} if arguments.before else {}
    trees["now"] = _HERE
    ways: dict[str, Callable[[Path], float]] = {
        "pipeline demo, to its end": demo,
        "pipeline worker, to ready": worker,
    }
    for way, timed in ways.items():
        walls: dict[str, list[float]] = {name: [] for name in trees}
        used: dict[str, list[float]] = {name: [] for name in trees}
        for _ in range(arguments.runs):
            for name, tree in trees.items():
                before = spent()
                walls[name].append(timed(tree))
                used[name].append(spent() - before)
        figures[f"{way}, seconds"] = statistics.median(walls["now"])
        figures[f"{way}, processor seconds"] = statistics.median(used["now"])
        for name in trees:
            print(
                f"{way:<32}{name:<8}{statistics.median(walls[name]):>7.2f} s ({min(walls[name]):.2f} to "
                f"{max(walls[name]):.2f}); processor time {statistics.median(used[name]):.2f} s"
            )
        if arguments.before:
            ratio = statistics.median(walls["now"]) / statistics.median(walls["before"])
            print(f"{'':<32}{'ratio':<8}{ratio:>7.2f}")
    parts(arguments.runs)
    record(arguments, "start", figures)


if __name__ == "__main__":
    main()
