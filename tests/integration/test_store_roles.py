"""The roles that the stack makes at the database's first start, and what its administrator has decided."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

from pipeline.errors import InstallationError
from pipeline.stores.sql.database import connect
from pipeline.stores.sql.migrate import upgrade
from pipeline.stores.sql.store import SqlStore
from tests.integration.postgres import PostgresServer, programs, running_server
from tests.support.stored import stored_ids
from tests.unit.stores.builders import full_record

_SCRIPT = Path(__file__).parents[2] / "deploy" / "postgres" / "roles.sh"
_BASH = shutil.which("bash") or "/bin/bash"
_ROLES = ("owner", "writer", "reader")

_NOTING = """#!/bin/sh
printf '%s\\n' "$0" "$@" >>"$NOTES"
exec {program} "$@"
"""


def _dsn(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string()


def _make_roles(url: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the script with a psql that notes what it is given, which is what `ps` shows of it."""
    psql = folder / "psql"
    psql.write_text(_NOTING.format(program=programs() / "psql"))
    psql.chmod(0o755)
    parsed = make_url(url)
    return subprocess.run(
        [_BASH, str(_SCRIPT)],
        env={
            "PATH": f"{folder}:{os.environ['PATH']}",
            "NOTES": str(folder / "notes"),
            "SECRETS": str(folder),
            "PGHOST": str(parsed.query["host"]),
            "PGOPTIONS": "-c password_encryption=md5",  # which can be told from the password
            "POSTGRES_USER": "postgres",
            "POSTGRES_DB": str(parsed.database),
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_roles_get_their_passwords_and_no_program_is_given_one(tmp_path: Path) -> None:
    passwords = {role: f"pass'word\\ of {role}" for role in _ROLES}
    for role, password in passwords.items():
        (tmp_path / f"{role}_password").write_text(f"{password}\n")
    with running_server() as server:
        url = server.new_database()
        made = _make_roles(url, tmp_path)
        assert made.returncode == 0, made.stderr
        with psycopg.connect(_dsn(url)) as connection:
            stored = connection.execute(
                "SELECT rolname, rolpassword FROM pg_authid WHERE rolname LIKE 'news%'"
            ).fetchall()
        owner = connect(make_url(url).set(username="news_owner").render_as_string())
        upgrade(owner)
        owner.dispose()
        writer = connect(make_url(url).set(username="news_writer").render_as_string())
        assert SqlStore(writer).write([full_record()]).inserted == 1
        writer.dispose()
        reader = connect(make_url(url).set(username="news_reader").render_as_string())
        assert list(stored_ids(reader)) == ["bridge"]
        with pytest.raises(InstallationError, match="permission denied"):
            SqlStore(reader).write([full_record("another")])
        reader.dispose()
    assert dict(stored) == {
        f"news_{role}": "md5"
        + hashlib.md5(f"{password}news_{role}".encode(), usedforsecurity=False).hexdigest()
        for role, password in passwords.items()
    }
    notes = (tmp_path / "notes").read_text()
    assert "--username" in notes
    assert not [password for password in passwords.values() if password in notes]


def test_a_password_that_is_missing_is_named_before_anything_is_made(tmp_path: Path) -> None:
    (tmp_path / "owner_password").write_text("x")
    made = _make_roles("postgresql+psycopg://postgres@/news?host=/nowhere", tmp_path)
    assert made.returncode == 1
    assert made.stderr == f"roles.sh: {tmp_path}/writer_password is missing or empty\n"


def test_a_database_that_its_administrator_made_read_only_stays_so(postgres_url: str) -> None:
    engine = connect(postgres_url)
    upgrade(engine)
    engine.dispose()
    name = make_url(postgres_url).database or ""
    with psycopg.connect(_dsn(postgres_url), autocommit=True) as administrator:
        administrator.execute(
            sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = on").format(sql.Identifier(name))
        )
    engine = connect(postgres_url)
    assert list(stored_ids(engine)) == []
    with pytest.raises(InstallationError, match="read-only transaction: it takes no writes"):
        SqlStore(engine).write([full_record()])
    engine.dispose()


def test_a_database_of_another_encoding_is_refused_rather_than_every_article_with_an_accent(
    postgres_server: PostgresServer,
) -> None:
    with psycopg.connect(_dsn(postgres_server.url()), autocommit=True) as administrator:
        administrator.execute("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    engine = connect(postgres_server.url("latin"))
    with pytest.raises(InstallationError, match=r"LATIN1.*ENCODING 'UTF8'$"):
        upgrade(engine)
    engine.dispose()
