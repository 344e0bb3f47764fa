from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from pipeline.errors import SettingsError
from pipeline.stores.sql.database import connect, masked, reading


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "can't be read"),
        ("news.db", "can't be read"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("mysql://user:hunter2@host/news", "not supported"),
        ("postgresql+asyncpg://user:hunter2@host/news", "not supported"),
        ("postgresql+psycopg://user:hunter2@host", "names no database"),
        ("postgresql+psycopg://user:hunter2@host:port/news", "can't be read"),
        ("sqlite:////", "is a folder"),
    ],
)
def test_a_url_that_cannot_work_is_one_clear_line_without_the_password(url: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says) as raised:
        connect(url)
    assert "\n" not in str(raised.value)
    assert "hunter2" not in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__ or raised.value.__context__ is None


def test_a_password_is_masked_for_showing() -> None:
    assert masked("postgresql://ada:hunter2@host/news") == "postgresql+psycopg://ada:***@host/news"


@pytest.mark.parametrize("option", ["password", "sslpassword"])
def test_a_password_given_as_an_option_is_masked_too(option: str) -> None:
    shown = masked(f"postgresql://host/news?user=ada&{option}=hunter2&sslmode=require")
    assert "hunter2" not in shown
    assert "user=ada" in shown
    assert "sslmode=require" in shown
    with pytest.raises(SettingsError) as raised:
        connect(f"mysql://host/news?{option}=hunter2")
    assert "hunter2" not in str(raised.value)


def test_an_option_that_does_not_exist_is_a_mistake_in_the_settings() -> None:
    engine = connect("postgresql://ada:hunter2@127.0.0.1:1/news?no_such_option=1")
    with pytest.raises(SettingsError, match='invalid connection option "no_such_option"'), reading(engine):
        pass
    engine.dispose()


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_the_short_names_of_postgresql_are_taken(scheme: str) -> None:
    engine = connect(f"{scheme}://ada:hunter2@host/news")
    assert engine.dialect.driver == "psycopg"
    assert "hunter2" not in repr(engine)
    engine.dispose()


def test_sqlite_commits_survive_a_power_cut_and_readers_do_not_wait(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path}/deep/down/store.db")
    with reading(engine) as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}
    engine.dispose()


def test_a_path_with_characters_that_mean_something_in_urls_is_the_path(tmp_path: Path) -> None:
    path = tmp_path / "50% off" / "store#1 &c.db"
    engine = connect(f"sqlite:///{path}")
    with reading(engine):
        pass
    engine.dispose()
    assert path.exists()


def test_a_connection_in_use_is_left_alone_however_many_threads_come_for_one(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'news.db'}", pool_size=2)

    def look() -> int:
        with reading(engine) as connection:
            return int(connection.scalar(text("SELECT 7")) or 0)

    with reading(engine) as held:
        for _ in range(50):
            with ThreadPoolExecutor(1) as thread:
                assert thread.submit(look).result() == 7
            assert held.scalar(text("SELECT 8")) == 8
    engine.dispose()
