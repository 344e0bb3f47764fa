from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

import pytest

from pipeline import plugins
from pipeline.errors import SourceError
from pipeline.plugins import Kind
from pipeline.record import Article
from pipeline.sources import Limits, Reason, formats, read_articles

ITEMS = """
=== 2026-03-01T09:30Z | Ferry late again
The ferry came an hour late, the harbour master said.

It had been late on Friday.

=== 2026-03-01T10:00Z | Bridge closed
The bridge is closed until noon.
"""


@pytest.fixture(autouse=True)
def _installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As if the package was installed, where it is only looked at."""
    entry = EntryPoint("ticker", "news_ticker:TICKER", Kind.FORMAT)
    if "ticker" not in entry_points(group=Kind.FORMAT).names:
        monkeypatch.setattr(plugins, "entry_points", lambda group: [entry] if group == Kind.FORMAT else [])
    formats.installed.cache_clear()
    yield
    formats.installed.cache_clear()


def read(path: Path, content: str, limits: Limits | None = None) -> list[Article | SourceError]:
    path.write_text(content, encoding="utf-8")
    return list(read_articles([path], limits=limits))


def titles(found: list[Article | SourceError]) -> list[str | None]:
    return [one.title if isinstance(one, Article) else one.reason for one in found]


def test_each_item_is_an_article_with_its_headline_and_time(tmp_path: Path) -> None:
    ferry, bridge = read(tmp_path / "morning.ticker", ITEMS)
    assert isinstance(ferry, Article)
    assert isinstance(bridge, Article)
    assert ferry.text == (
        "Ferry late again\n\nThe ferry came an hour late, the harbour master said.\n\nIt had been late on Friday."
    )
    assert ferry.published_at == datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    assert bridge.title == "Bridge closed"


def test_a_folder_gives_it_and_so_does_any_name_by_how_it_begins(tmp_path: Path) -> None:
    (tmp_path / "morning.ticker").write_text(ITEMS, encoding="utf-8")
    assert titles(list(read_articles([tmp_path]))) == ["Ferry late again", "Bridge closed"]
    assert titles(read(tmp_path / "morning", ITEMS.lstrip())) == ["Ferry late again", "Bridge closed"]


def test_a_bad_item_costs_only_itself_and_is_named_by_its_line(tmp_path: Path) -> None:
    found = read(tmp_path / "bad.ticker", f"what somebody typed\n{ITEMS}=== no headline\nText.\n")
    assert titles(found) == [Reason.NO_TEXT, "Ferry late again", "Bridge closed", Reason.NO_TEXT]
    assert [one.where.rpartition(":")[2] for one in found if isinstance(one, SourceError)] == ["1", "10"]


def test_an_item_that_is_too_long_costs_only_itself(tmp_path: Path) -> None:
    limits = Limits(max_article_bytes=150)
    long = f"=== 2026-03-01T08:00Z | Long\n{'x' * limits.max_record_bytes}\n"
    many = "=== 2026-03-01T08:00Z | Many\n" + "a line\n" * limits.max_record_bytes
    found = read(tmp_path / "long.ticker", long + many + ITEMS.lstrip(), limits)
    assert titles(found) == [Reason.TOO_LARGE] * 2 + ["Ferry late again", "Bridge closed"]


@pytest.mark.parametrize("content", ["", "\n \n"])
def test_a_file_without_items_is_named(tmp_path: Path, content: str) -> None:
    assert titles(read(tmp_path / "empty.ticker", content)) == [Reason.EMPTY]
