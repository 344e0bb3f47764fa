"""The store that a URL means: ours, one of another package, or one clear line."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline import plugins
from pipeline.cli.main import app
from pipeline.errors import SettingsError, UsageError
from pipeline.plugins import Kind
from pipeline.stores.base import Store, open_store, searches_of
from pipeline.stores.sql.store import SqlStore


class _Silent(SqlStore):
    """A store that answers no questions."""

    @property
    def searches(self) -> None:  # type: ignore[override]
        return None


def silent(url: str, *, read_only: bool = False) -> Store:
    """As a package would name it in its entry point."""
    path = url.partition("://")[2]
    opened = open_store(f"sqlite://{path}", read_only=read_only)
    assert isinstance(opened, SqlStore)
    return _Silent(opened.engine)


def nothing(_url: str, *, read_only: bool = False) -> object:
    """What is no store."""
    return read_only


def _installed(monkeypatch: pytest.MonkeyPatch, name: str, function: str) -> None:
    entry = EntryPoint(name, f"{__name__}:{function}", Kind.STORE)
    monkeypatch.setattr(plugins, "entry_points", lambda group: [entry] if group == Kind.STORE else [])


def test_ours_are_chosen_by_the_scheme_of_the_url(tmp_path: Path) -> None:
    for url in (
        f"sqlite:///{tmp_path}/news.db",
        "postgresql+psycopg://ada@host/news",
        "postgres://host/news",
    ):
        store = open_store(url)
        assert isinstance(store, SqlStore)
        assert isinstance(store, Store)
        store.close()


def test_a_store_of_another_package_is_chosen_by_the_name_of_its_entry_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _installed(monkeypatch, "silent", "silent")
    store = open_store(f"silent:///{tmp_path}/news.db")
    assert isinstance(store, _Silent)
    with pytest.raises(UsageError, match="_Silent answers no searches"):
        searches_of(store)
    store.close()


@pytest.mark.parametrize(
    "command", [["quotes"], ["entities"], ["clusters"], ["articles", "--naming", "Quill"]]
)
def test_a_search_in_a_store_without_searches_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    _installed(monkeypatch, "silent", "silent")
    url = f"silent:///{tmp_path}/news.db"
    made = open_store(url)
    made.upgrade()
    made.close()
    monkeypatch.setenv("PIPELINE_DATABASE_URL", url)
    problem = CliRunner().invoke(app, command).exception
    assert isinstance(problem, UsageError)
    assert "answers no searches" in str(problem)


def test_a_scheme_that_nobody_has_names_those_that_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    _installed(monkeypatch, "silent", "silent")
    with pytest.raises(
        SettingsError, match=r"mysql:// is not supported; .* of other packages: silent"
    ) as raised:
        open_store("mysql://ada:hunter2@host/news")
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize("url", ["", "news.db", "://", "!!://ada:hunter2@host"])
def test_what_is_no_url_is_one_line(url: str) -> None:
    with pytest.raises(SettingsError, match="can't be read") as raised:
        open_store(url)
    assert "hunter2" not in str(raised.value)


def test_what_lacks_a_part_of_a_store_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    _installed(monkeypatch, "broken", "nothing")
    with pytest.raises(SettingsError, match=r"plug-in broken .* bool lacks a part of"):
        open_store("broken:///x")


def test_a_store_s_package_that_claims_our_name_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    _installed(monkeypatch, "sqlite", "silent")
    with pytest.raises(SettingsError, match=r"plug-in sqlite .* that name is taken"):
        open_store("sqlite:///news.db")
