"""The whole pipeline on this machine: an embedded broker, a worker with all stages, a SQLite store."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import orjson

from pipeline.accounts import ledger
from pipeline.accounts.ledger import Ledger
from pipeline.errors import PipelineError, UsageError
from pipeline.execution.signals import uninterrupted
from pipeline.kafka.admin import Admin
from pipeline.kafka.embedded import EmbeddedBroker
from pipeline.settings import Settings, variable
from pipeline.stores.base import Store, configured_store

_HERE = Path(__file__).parent
_SESSION_SECONDS = 3.0  # joining a group takes half of it on the embedded broker
_FIRST_LOOK_SECONDS = 0.1
_LONGEST_LOOK_SECONDS = 5.0
_GLANCE_SECONDS = 0.1
_STORE = "demo.db"
_WORKER_LOG, _BROKER_LOG = "demo-worker.log", "demo-broker.log"
_OURS = (_STORE, f"{_STORE}-wal", f"{_STORE}-shm", _WORKER_LOG, _BROKER_LOG)
"""Names that nobody else uses: what is called so in a folder is a demo's, and the next one replaces it."""


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


class LocalPipeline:
    """Runs broker and worker as child processes. A context manager: leaving it stops both.

    Args:
        data: the folder for the store and the logs; what an earlier run left there is replaced.
        overrides: settings of the worker, by name.

    Attributes:
        settings: those of the worker.
        store: the store.

    Raises:
        UsageError: the folder can't be used, or the embedded broker is not installed.
    """

    def __init__(self, data: Path, **overrides: Any) -> None:
        self._data = data
        self._overrides = overrides
        self._stack = ExitStack()
        self.settings: Settings
        self.store: Store
        self._worker: subprocess.Popen[bytes]

    def __enter__(self) -> Self:
        _clear(self._data)
        with ExitStack() as stack:
            with uninterrupted():
                broker = stack.enter_context(EmbeddedBroker(self._data / _BROKER_LOG))
            self._overrides |= {
                "bootstrap_servers": broker.address,
                "database_url": f"sqlite:///{self._data.resolve() / _STORE}",
                "session_timeout_seconds": _SESSION_SECONDS,
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
        return self._data / _WORKER_LOG

    @property
    def broker(self) -> str:
        """host:port of the broker."""
        return self.settings.bootstrap_servers[0]

    @property
    def worker_pid(self) -> int:
        """The worker's process, for whoever measures it."""
        return self._worker.pid

    @property
    def is_running(self) -> bool:
        """Whether the worker has not ended by itself."""
        return self._worker.poll() is None

    def await_ready(self) -> str:
        """Wait for the worker's own word that all stages have their partitions; gives the address of its metrics.

        Raises:
            PipelineError: it ended instead.
        """
        line = self._worker.stdout.readline() if self._worker.stdout else b""
        if not line:
            raise PipelineError(f"the worker ended before it was ready: see {self.log}")
        return str(orjson.loads(line)["metrics"])

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
        with self.log.open("wb") as output:
            return subprocess.Popen(
                [sys.executable, "-m", "pipeline", "worker", "--json"],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=output,
                start_new_session=True,  # Ctrl-C comes to us; we stop it in order
            )

    def _stop(self) -> None:
        worker = self._worker
        worker.terminate()
        try:
            worker.wait(self.settings.grace_seconds)
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()
        if worker.stdout:
            worker.stdout.close()


def _clear(data: Path) -> None:
    """Make the folder; take away what an earlier run left there, and nothing else."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        for name in _OURS:
            (data / name).unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"{data}: can't be used for the store and the logs: {error.strerror}") from None
