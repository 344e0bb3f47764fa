"""The store of JSON lines: the suite of every store, and what only a file can suffer."""

from __future__ import annotations

import json
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

import pytest
from news_jsonlines import JsonLinesStore, open_store

from pipeline import plugins
from pipeline.errors import SettingsError, UsageError
from pipeline.plugins import Kind
from pipeline.stores.base import searches_of
from tests.support.store_contract import StoreContract
from tests.unit.stores.builders import TEXT, full_record, record


@pytest.fixture(autouse=True)
def _installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the package was installed, where it is only looked at."""
    entry = EntryPoint("jsonl", "news_jsonlines:open_store", Kind.STORE)
    if "jsonl" not in entry_points(group=Kind.STORE).names:
        monkeypatch.setattr(plugins, "entry_points", lambda group: [entry] if group == Kind.STORE else [])


class TestJsonLines(StoreContract):
    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        return f"jsonl:///{tmp_path}/deep/records.jsonl"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "records.jsonl"


@pytest.fixture
def store(path: Path) -> JsonLinesStore:
    made = JsonLinesStore(path)
    made.upgrade()
    return made


def test_each_line_is_json_and_the_last_one_of_an_article_stands(path: Path, store: JsonLinesStore) -> None:
    corrected = record(text=f"{TEXT} Corrected.")
    store.write([full_record()])
    store.write([corrected])
    store.write([corrected])
    first, *lines = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    assert first == {"store": store.identity()}
    assert [line["record"]["article"]["text"] for line in lines] == [TEXT, f"{TEXT} Corrected."]


def test_what_a_process_that_died_left_of_a_line_is_cut_off_by_the_next(
    path: Path, store: JsonLinesStore
) -> None:
    store.write([full_record("a"), full_record("b")])
    whole = path.read_bytes()
    path.write_bytes(whole[:-100])
    after = JsonLinesStore(path)
    assert [article_id for article_id, _ in after.versions.all()] == ["a"]
    assert after.write([full_record("b")]).inserted == 1
    assert path.read_bytes() == whole


def test_a_line_that_is_no_json_is_an_installation_to_mend(path: Path, store: JsonLinesStore) -> None:
    store.write([full_record("a")])
    path.write_bytes(path.read_bytes() + b"what somebody typed\n")
    with pytest.raises(SettingsError, match="a line is no JSON"):
        JsonLinesStore(path).count_articles()


def test_a_store_that_is_gone_is_an_installation_to_mend(path: Path, store: JsonLinesStore) -> None:
    path.unlink()
    with pytest.raises(SettingsError, match="pipeline store upgrade"):
        store.write([full_record()])
    assert not path.exists()


@pytest.mark.parametrize("url", ["jsonl://", "jsonl:///", "jsonl://host/records.jsonl"])
def test_a_url_that_names_no_file_is_one_line(url: str) -> None:
    with pytest.raises(SettingsError, match="names no file"):
        open_store(url)


def test_it_answers_no_searches_and_says_so(store: JsonLinesStore) -> None:
    with pytest.raises(UsageError, match="JsonLinesStore answers no searches"):
        searches_of(store)
