from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from pipeline import plugins
from pipeline.errors import SettingsError, SourceError, TransientError, UsageError
from pipeline.plugins import Kind
from pipeline.record import Article
from pipeline.sources import Limits, feeds
from pipeline.sources.feeds import Feed, opened
from pipeline.sources.formats import Intake
from pipeline.sources.reading import utc_now

INTAKE = Intake(Limits(), "Harbour Post", utc_now)


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    feeds.installed.cache_clear()
    yield
    feeds.installed.cache_clear()


def poll(feed: Feed) -> list[Article | SourceError]:
    return list(feed.poll(INTAKE))


def titles(feed: Feed) -> list[str | None]:
    return [found.title for found in poll(feed) if isinstance(found, Article)]


def put(folder: Path, name: str, headline: str) -> None:
    (folder / f".{name}").write_text(f"{headline}\n\nThe ferry came an hour late.\n", encoding="utf-8")
    (folder / f".{name}").rename(folder / name)


def test_a_folder_gives_what_has_come_and_then_only_what_is_new(tmp_path: Path) -> None:
    put(tmp_path, "1.txt", "Ferry late")
    feed = opened("folder", str(tmp_path))
    assert titles(feed) == ["Ferry late"]
    assert poll(feed) == []
    put(tmp_path, "3.txt", "Bridge closed")
    put(tmp_path, "2.txt", "Pier open")
    assert titles(feed) == ["Pier open", "Bridge closed"]


def test_a_file_that_changes_is_read_again(tmp_path: Path) -> None:
    put(tmp_path, "1.txt", "Ferry late")
    feed = opened("folder", str(tmp_path))
    poll(feed)
    put(tmp_path, "1.txt", "Ferry very late indeed")
    assert titles(feed) == ["Ferry very late indeed"]


def test_what_is_being_written_is_left_alone(tmp_path: Path) -> None:
    feed = opened("folder", str(tmp_path))
    (tmp_path / ".half.txt").write_text("Ferry", encoding="utf-8")
    assert poll(feed) == []


def test_a_file_of_no_format_is_named_once(tmp_path: Path) -> None:
    put(tmp_path, "1.xyz", "Ferry late")
    feed = opened("folder", str(tmp_path))
    (problem,) = poll(feed)
    assert isinstance(problem, SourceError)
    assert "1.xyz" in str(problem)
    assert poll(feed) == []


def test_a_folder_that_goes_away_is_asked_again(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    feed = opened("folder", str(folder))
    folder.rmdir()
    with pytest.raises(TransientError, match="has gone"):
        poll(feed)
    folder.mkdir()
    put(folder, "1.txt", "Ferry late")
    assert titles(feed) == ["Ferry late"]


def test_a_folder_that_is_not_there_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such folder"):
        opened("folder", str(tmp_path / "nowhere"))


def test_a_name_of_no_feed_is_a_mistake_that_lists_them() -> None:
    with pytest.raises(UsageError, match="'fodler' is no feed: name one of folder"):
        opened("fodler", ".")


class _Broken:
    def __init__(self, address: str) -> None:
        raise ValueError(f"{address} is odd")


def _no_feed(_address: str) -> object:
    return object()


NOT_CALLABLE = "a word"


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("_Broken", "can't be opened: ValueError: x is odd"),
        ("_no_feed", "has no `poll`"),
        ("NOT_CALLABLE", "can't be called with an address"),
    ],
)
def test_a_plug_in_that_does_not_fit_is_one_line(
    monkeypatch: pytest.MonkeyPatch, target: str, message: str
) -> None:
    entry = EntryPoint("agency", f"{__name__}:{target}", Kind.FEED)
    monkeypatch.setattr(plugins, "entry_points", lambda group: [entry] if group == Kind.FEED else [])
    with pytest.raises(SettingsError, match=message):
        opened("agency", "x")
