"""A real PgBouncer in front of a test's PostgreSQL, lending connections by the transaction."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from tests.support.waiting import eventually

_PORT = 6432

_CONFIGURATION = """\
[databases]
{database} = host={server} dbname={database}

[pgbouncer]
listen_addr =
listen_port = {port}
unix_socket_dir = {folder}
auth_type = trust
auth_file = {folder}/users
pool_mode = transaction
default_pool_size = {pool_size}
{more}
"""


@contextmanager
def running_pgbouncer(url: str, *, pool_size: int = 2, more: str = "") -> Iterator[str]:
    """Run one in front of a database; gives the URL through it. It refuses to run as root, as PostgreSQL does."""
    program = _program()
    database = urlsplit(url).path.removeprefix("/")
    (server,) = parse_qs(urlsplit(url).query)["host"]
    user = "nobody" if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="pgb-") as name:
        folder = Path(name)
        (folder / "users").write_text('"postgres" ""\n')
        (folder / "ini").write_text(
            _CONFIGURATION.format(
                database=database, server=server, folder=folder, port=_PORT, pool_size=pool_size, more=more
            )
        )
        if user:
            for path in (folder, *folder.iterdir()):
                shutil.chown(path, user)
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [program, str(folder / "ini")], user=user, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        try:
            eventually(
                lambda: _answers(folder, database) or process.poll() is not None,
                what="the pooler answers",
            )
            assert process.poll() is None, (folder / "log").read_text()
            yield f"postgresql+psycopg://postgres@/{database}?host={folder}&port={_PORT}"
        finally:
            process.terminate()
            process.wait(30)


def _program() -> str:
    """Its path; where it is not installed, tests are skipped, but on CI they fail."""
    path = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if path is None:
        reason = "`pgbouncer` is not installed (Debian has it in the package pgbouncer)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return path


def _answers(folder: Path, database: str) -> bool:
    try:
        psycopg.connect(f"host={folder} port={_PORT} user=postgres dbname={database}").close()
    except psycopg.OperationalError:
        return False
    return True
