"""The whole pipeline on this machine: an embedded broker, a worker with all stages, a SQLite store."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Literal, NamedTuple, Self

import orjson

from pipeline.accounts import ledger
from pipeline.accounts.ledger import Ledger
from pipeline.errors import PipelineError, UsageError
from pipeline.execution.signals import uninterrupted
from pipeline.guard import end, guarded, kill_session
from pipeline.kafka.admin import Admin
from pipeline.kafka.embedded import EmbeddedBroker
from pipeline.settings import Settings, variable
from pipeline.stores.base import Store, configured_store

_HERE = Path(__file__).parent
# Joining a group takes half of it on the embedded broker, in whole seconds; the longer one rides out a busy machine.
_SESSION_SECONDS, _SHORT_SESSION_SECONDS = 3.0, 2.0
_GRACE_SECONDS = 15.0  # what is not done by then is done by the next one
_FIRST_LOOK_SECONDS = 0.1
_LONGEST_LOOK_SECONDS = 5.0
_GLANCE_SECONDS = 0.1
_LONGEST_LOG = 10_000_000  # bytes of a log that goes on when the next run begins


@dataclass(frozen=True, slots=True)
class Place:
    """A folder for the store and the logs of a pipeline on this machine.

    Attributes:
        folder: the folder.
        store: the file of the store in it.
        prefix: of the names of the logs.
        broker: the folder in it where the broker keeps what it holds; in memory without.
    """

    folder: Path
    store: str
    prefix: str = ""
    broker: str | None = None

    @property
    def worker_log(self) -> Path:
        """What the worker says."""
        return self.folder / f"{self.prefix}worker.log"

    @property
    def broker_log(self) -> Path:
        """What the broker says."""
        return self.folder / f"{self.prefix}broker.log"

    @property
    def database_url(self) -> str:
        """Of the store."""
        return f"sqlite:///{self.folder.resolve() / self.store}"


def passing(folder: Path) -> Place:
    """A folder for one run, which takes the place of the one before.

    The names in it are nobody else's: what is called so is an earlier run's.

    Raises:
        UsageError: the folder can't be used.
    """
    place = Place(folder, "demo.db", prefix="demo-")
    store = folder / place.store
    ours = (store, Path(f"{store}-wal"), Path(f"{store}-shm"), place.worker_log, place.broker_log)
    with _usable(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for path in ours:
            path.unlink(missing_ok=True)
    return place


@contextmanager
def lasting(folder: Path) -> Iterator[Place]:
    """A folder that is gone on with where the run before left off; nobody else may run in it meanwhile.

    Raises:
        UsageError: the folder can't be used, or somebody runs in it.
    """
    place = Place(folder, "news.db", broker="broker")
    with ExitStack() as stack:
        with _usable(folder):
            folder.mkdir(parents=True, exist_ok=True)
            lock = stack.enter_context((folder / "lock").open("a+"))
            for log in (place.worker_log, place.broker_log):
                if log.exists() and log.stat().st_size > _LONGEST_LOG:
                    log.replace(log.with_suffix(".log.1"))
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            owner = lock.read().strip() or "another process"
            raise UsageError(f"{folder} is in use: `pipeline up` runs there as process {owner}") from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield place


@contextmanager
def _usable(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(f"{folder}: can't be used for the store and the logs: {error.strerror}") from None


def seeds() -> Path:
    """The folder of the articles that come with the project: in the package when it is installed, else in the checkout.

    Raises:
        UsageError: it is in neither.
    """
    for folder in (_HERE / "data" / "seeds", _HERE.parent / "seeds"):
        if folder.is_dir():
            return folder
    raise UsageError(
        f"the articles that come with news-pipeline are missing from {_HERE}: name the files or folders to replay"
    )


class Ended(NamedTuple):
    """That a part of the pipeline has ended by itself, and its exit code."""

    part: Literal["broker", "worker"]
    code: int


class LocalPipeline:
    """Runs broker and worker as child processes, which end with this one. A context manager: leaving it stops both.

    Args:
        place: where the store and the logs are.
        port: of the broker, on 127.0.0.1; 0 for any free one.
        overrides: settings of the worker, by name.

    Attributes:
        settings: those of the worker.
        store: the store.

    Raises:
        UsageError: the embedded broker is not installed.
        PipelineError: the broker did not start.
    """

    def __init__(self, place: Place, *, port: int = 0, **overrides: Any) -> None:
        self._place = place
        self._port = port
        self._overrides = overrides
        self._stack = ExitStack()
        self.settings: Settings
        self.store: Store
        self._broker: EmbeddedBroker
        self._worker: subprocess.Popen[bytes]
        self._worker_pid: int
        self._ended: SimpleQueue[Ended] = SimpleQueue()

    def __enter__(self) -> Self:
        place = self._place
        kept = place.folder / place.broker if place.broker else None
        with ExitStack() as stack:
            with uninterrupted():
                self._broker = stack.enter_context(
                    EmbeddedBroker(place.broker_log, port=self._port, data=kept)
                )
            self._overrides |= {
                "bootstrap_servers": self._broker.address,
                "database_url": place.database_url,
                "session_timeout_seconds": _SESSION_SECONDS if kept else _SHORT_SESSION_SECONDS,
                "grace_seconds": _GRACE_SECONDS,
                "metrics_port": 0,
                "replication_factor": 1,
            }
            self.settings = Settings.load(**self._overrides)
            with Admin(self.settings) as admin:
                admin.ensure_topics()
            with uninterrupted():
                self._worker = self._start()
                stack.callback(self._stop)
            self.store = configured_store(self.settings)
            stack.callback(self.store.close)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def log(self) -> Path:
        """What the worker said."""
        return self._place.worker_log

    @property
    def logs(self) -> dict[str, Path]:
        """What each part says."""
        return {"worker": self._place.worker_log, "broker": self._place.broker_log}

    @property
    def broker(self) -> str:
        """host:port of the broker."""
        return self.settings.bootstrap_servers[0]

    @property
    def worker_pid(self) -> int:
        """The worker's process, once it is ready, for whoever measures it."""
        return self._worker_pid

    @property
    def is_running(self) -> bool:
        """Whether the worker has not ended by itself."""
        return self._worker.poll() is None

    def await_end(self) -> Ended:
        """Wait until the worker or the broker has ended by itself. To be called again when that is started again."""
        return self._ended.get()

    def watch(self) -> None:
        """Begin to look after both: from now on `await_end` tells of each end."""
        self._watch("worker", self._worker)
        if self._broker.process is not None:
            self._watch("broker", self._broker.process)

    def _watch(self, part: Literal["broker", "worker"], process: subprocess.Popen[bytes]) -> None:
        threading.Thread(target=lambda: self._ended.put(Ended(part, process.wait())), daemon=True).start()

    def restart(self, part: Literal["broker", "worker"]) -> None:
        """Start the one that has ended again, and look after it.

        Raises:
            PipelineError: the broker does not start.
        """
        with uninterrupted():
            if part == "broker":
                self._broker.stop()
                self._broker.start()
                process = self._broker.process
            else:
                kill_session(self._worker)  # its guard may have ended alone
                _close(self._worker)
                self._worker = process = self._start()
        if process is not None:
            self._watch(part, process)

    def await_ready(self) -> str:
        """Wait for the worker's own word that all stages have their partitions; gives the address of its metrics.

        Raises:
            PipelineError: it ended instead.
        """
        line = self._worker.stdout.readline() if self._worker.stdout else b""
        if not line:
            raise PipelineError(f"the worker ended before it was ready: see {self.log}")
        said = orjson.loads(line)
        self._worker_pid = int(said["pid"])
        return str(said["metrics"])

    def await_closed(self, patience: float) -> Ledger:
        """Look until the ledger closes, or for `patience` seconds; gives it as it is then.

        That it is closed is a state of three systems, which none of them announces.

        Raises:
            PipelineError: the worker ended.
        """
        deadline = time.monotonic() + patience
        pause = _FIRST_LOOK_SECONDS
        with Admin(self.settings) as admin:
            while True:
                found = ledger.verify(self.settings, self.store.versions, admin=admin)
                if found.closed or time.monotonic() > deadline:
                    return found
                if not self.is_running:
                    raise PipelineError(f"the worker ended: see {self.log}")
                self._await_stored(found.stored + found.orphans + found.missing, pause)
                pause = min(_LONGEST_LOOK_SECONDS, pause * 1.5)

    def _await_stored(self, articles: int, seconds: float) -> None:
        """Wait until the store has so many articles, which is cheap to see, or for so many seconds."""
        until = time.monotonic() + seconds
        while self.store.count_articles() < articles and time.monotonic() < until:
            time.sleep(_GLANCE_SECONDS)

    def _start(self) -> subprocess.Popen[bytes]:
        environment = {
            name: value for name, value in os.environ.items() if name != f"{variable('database_url')}_FILE"
        }
        environment |= {variable(name): str(value) for name, value in self._overrides.items()}
        with self.log.open("ab") as output:
            return subprocess.Popen(  # noqa: S603 - our own worker
                guarded(sys.executable, "-m", "pipeline", "worker", "--json"),
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                start_new_session=True,  # Ctrl-C comes to us; we stop it in order
            )

    def _stop(self) -> None:
        end(self._worker, self.settings.grace_seconds + self.settings.session_timeout_seconds)
        _close(self._worker)


def _close(worker: subprocess.Popen[bytes]) -> None:
    for pipe in (worker.stdin, worker.stdout):
        if pipe:
            pipe.close()
