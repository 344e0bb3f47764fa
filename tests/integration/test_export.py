"""`pipeline export`: records out of a store, on SQLite and on PostgreSQL."""

from __future__ import annotations

import csv
import io
import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree as ET

import pytest
from pyarrow import parquet
from sqlalchemy import Engine
from typer.testing import CliRunner, Result

from pipeline.cli import export
from pipeline.cli.main import app
from pipeline.errors import InstallationError, UsageError
from pipeline.exports.form import Out
from pipeline.exports.forms import FORMS
from pipeline.record import EnrichedArticle
from pipeline.record.codec import decode_record
from pipeline.stores import records
from pipeline.stores.base import open_store
from pipeline.stores.questions import ArticleQuestion, FoundArticle, Page, Place
from pipeline.stores.reader import StoreReader
from pipeline.stores.sql.store import SqlStore
from tests.support.newsroom import newsroom
from tests.support.workers import environment
from tests.unit.stores.builders import NOON, full_record, record

Run = Callable[..., Result]


@pytest.fixture
def store(engine: Engine) -> SqlStore:
    made = SqlStore(engine)
    made.write([*newsroom(), full_record()])
    return made


@pytest.fixture
def run(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `pipeline export …` on the newsroom's records and one more."""
    monkeypatch.setattr(export, "open_store", lambda: StoreReader(store))
    return lambda *arguments: CliRunner().invoke(app, ["export", *arguments])


def _ids(result: Result) -> list[str]:
    assert result.exit_code == 0, result.output
    return [decode_record(line).article.article_id for line in result.stdout_bytes.splitlines()]


def _refused(result: Result, kind: type[Exception] = UsageError) -> str:
    assert isinstance(result.exception, kind), result.output
    assert result.stdout_bytes == b""
    assert "\n" not in str(result.exception)
    return str(result.exception)


def test_all_records_are_written_whole_the_latest_first(run: Run, store: SqlStore) -> None:
    result = run()
    assert _ids(result) == ["hostile", "pier again", "pier/copy?", "pier", "bridge"]
    for line in result.stdout_bytes.splitlines():
        found = decode_record(line)
        assert found == store.article(found.article.article_id)


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["rebuilt"], ["pier again"]),
        (["Nobody", "slept", "--source", "Wold Gazette"], ["pier/copy?"]),
        (["--name", "Tom Reed", "--verdict", "update"], ["pier again"]),
        (["--language", "ar"], ["hostile"]),
        (["--language", "ar", "--source", "The Fen Courier"], []),
        (["--source", "Isle Post", "--source", "<b>Bold</b>"], ["hostile", "pier again"]),
        (["--since", "2031-05-05", "--until", "2031-05-06"], ["pier again", "pier/copy?"]),
        (["--until", "2031-05-04T11:30"], ["bridge"]),
        (["--speaker", "Quill"], ["pier again", "pier", "bridge"]),
        (["--speaker", "Quill", "--polarity", "denied"], ["pier again", "pier"]),
        (["--polarity", "doubted"], []),
        (["--limit", "1"], ["hostile"]),
    ],
)
def test_records_are_chosen_as_searches_do(run: Run, options: list[str], found: list[str]) -> None:
    assert _ids(run(*options)) == found


def test_statements_are_rows_with_who_said_what(run: Run) -> None:
    result = run("--as", "csv", "--of", "statements", "--speaker", "Reed")
    rows = list(csv.DictReader(io.StringIO(result.stdout_bytes.decode(), newline="")))
    assert [(row["article_id"], row["speaker"]) for row in rows] == [
        ("pier again", "Tom Reed"),
        ("pier", "Tom Reed"),
    ]


def test_a_feed_is_called_by_what_was_asked(run: Run) -> None:
    result = run("pier", "--as", "rss", "--of", "statements", "--speaker", "Quill")
    feed = ET.fromstring(result.stdout_bytes)  # noqa: S314 - our own
    assert feed.findtext("channel/title") == "Statements: pier, Quill"
    assert len(feed.findall("channel/item")) == 2


@pytest.mark.parametrize("form", ["ninjs", "json-ld"])
def test_documents_are_a_line_each(run: Run, form: str) -> None:
    lines = run("--as", form).stdout_bytes.splitlines()
    assert len([json.loads(line) for line in lines]) == 5


def test_nothing_found_is_said_with_the_nearest_names(run: Run) -> None:
    result = run("--name", "Ada Quil")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "0 articles written: did you mean Ada Quill?" in result.stderr


def test_a_files_name_tells_the_form_and_the_file_is_finished_when_it_is_there(
    run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "news.parquet"
    result = run("--of", "names", "--output", str(path), "--json")
    assert json.loads(result.stdout) == {
        "file": str(path),
        "form": "parquet",
        "of": "names",
        "written": 13,
    }
    assert parquet.read_table(path).num_rows == 13
    assert not list(tmp_path.glob("*unfinished"))
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~mask


def test_a_file_that_is_there_is_replaced_only_when_forced(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "news.csv"
    path.write_text("mine", encoding="utf-8")
    path.chmod(0o640)
    said = _refused(run("--output", str(path)))
    assert said == f"--output {path}: is there already: --force replaces it"
    assert path.read_text(encoding="utf-8") == "mine"
    result = run("--output", str(path), "--force")
    assert (result.exit_code, result.stdout) == (0, "")
    assert f"5 articles written to {path}" in result.stderr
    assert path.read_text(encoding="utf-8").startswith("article_id,time")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_link_goes_on_leading_to_the_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    link = tmp_path / "news.csv"
    link.symlink_to(tmp_path / "real" / "news.csv")
    assert run("--output", str(link)).exit_code == 0
    assert link.is_symlink()
    assert (tmp_path / "real" / "news.csv").is_file()


def test_of_a_file_that_could_not_be_finished_nothing_stays(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out" / "news.jsonl"
    path.parent.mkdir()
    path.write_text("before", encoding="utf-8")

    def half(records: Iterable[EnrichedArticle], out: Out, _: object) -> int:
        out.write(b"half a rec")
        for _ in records:
            raise KeyboardInterrupt
        return 0

    broken = {**FORMS, "jsonl": replace(FORMS["jsonl"], write=half)}
    monkeypatch.setattr(export, "FORMS", broken)
    assert run("--as", "jsonl", "--output", str(path), "--force").exit_code == 130
    assert [one.name for one in path.parent.iterdir()] == ["news.jsonl"]
    assert path.read_text(encoding="utf-8") == "before"


def test_what_can_not_be_written_is_one_line(run: Run, tmp_path: Path) -> None:
    missing = tmp_path / "nowhere" / "news.csv"
    said = _refused(run("--output", str(missing)), InstallationError)
    assert said == f"--output {missing}: can't be written: No such file or directory"
    assert _refused(run("--output", str(tmp_path), "--force")).endswith("is no file that can be written")
    assert "File name too long" in _refused(run("--output", str(tmp_path / ("x" * 300))), InstallationError)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--as", "xml"], "--as xml: there are jsonl, csv, parquet, ninjs, json-ld, rss"),
        (["--of", "people"], "--of people: there are articles, statements, names"),
        (["--as", "parquet"], "--as parquet needs --output FILE"),
        (
            ["--as", "rss", "--of", "names"],
            "--as rss --of names: rss is of articles or statements; names: csv, parquet",
        ),
        (["--of", "names"], "--as jsonl --of names: jsonl is of articles; names: csv, parquet"),
        (["?"], "no word to search for in '?'"),
    ],
)
def test_what_is_asked_wrongly_is_said_before_anything_is_written(
    run: Run, options: list[str], said: str
) -> None:
    assert _refused(run(*options)) == said


def test_a_missing_package_names_the_extra(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    path = tmp_path / "news.parquet"
    assert "news-pipeline[parquet]" in _refused(run("--output", str(path)))
    assert not path.exists()


class _Counted:
    """The searches of a store, with how many pages were asked for."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store
        self.pages = 0

    def search_articles(
        self, question: ArticleQuestion, *, after: Place | None = None, limit: int = 50
    ) -> Page[FoundArticle]:
        self.pages += 1
        return self._store.searches.search_articles(question, after=after, limit=limit)


def test_pages_are_asked_for_as_records_are_taken(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.write([record(f"a{number}", published=NOON - timedelta(days=1)) for number in range(20)])
    monkeypatch.setattr(records, "_PAGE", 4)
    counted = _Counted(store)
    found = StoreReader(SimpleNamespace(searches=counted, article=store.article)).records()
    assert isinstance(found, Iterator)
    assert counted.pages == 1
    assert len(list(islice(found, 4))) == 4
    assert counted.pages == 1
    next(found)
    assert counted.pages == 2
    rest = [one.article.article_id for one in found]
    assert len(set(rest)) == len(rest) == 20
    assert counted.pages == 7


def test_an_article_that_is_removed_meanwhile_is_left_out(store: SqlStore) -> None:
    gone = SimpleNamespace(
        searches=store.searches,
        article=lambda article_id: None if article_id == "pier" else store.article(article_id),
    )
    found = [one.article.article_id for one in StoreReader(gone).records()]
    assert found == ["hostile", "pier again", "pier/copy?", "bridge"]


def test_a_store_that_answers_no_searches_gives_all_and_says_what_it_can_not(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = SimpleNamespace(
        searches=None, versions=store.versions, article=store.article, close=lambda: None
    )
    monkeypatch.setattr(export, "open_store", lambda: StoreReader(silent))

    def run(*options: str) -> Result:
        return CliRunner().invoke(app, ["export", *options])

    assert _ids(run()) == ["bridge", "hostile", "pier", "pier again", "pier/copy?"]
    assert _ids(run("--speaker", "Reed")) == ["pier", "pier again"]
    assert "answers no searches" in _refused(run("ferry"))
    assert "answers no searches" in _refused(run("--source", "Isle Post"))


@pytest.fixture
def stored_url(database_url: str) -> str:
    made = open_store(database_url)
    made.upgrade()
    made.write(newsroom())
    made.close()
    return database_url


def _process(url: str, *arguments: str, stdout: int = subprocess.PIPE) -> subprocess.CompletedProcess[bytes]:
    """Run `pipeline export …` as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "pipeline", "export", *arguments],
        env=environment(PIPELINE_DATABASE_URL=url),
        stdout=stdout,
        stderr=subprocess.PIPE,
        check=False,
    )


def test_a_users_mistake_is_one_line_and_exit_code_2(stored_url: str, tmp_path: Path) -> None:
    good = _process(stored_url, "--as", "csv", "--of", "names")
    assert (good.returncode, good.stderr) == (0, b"")
    assert good.stdout.startswith(b"article_id,")
    for wrong in (["--as", "xml"], ["--output", str(tmp_path / "nowhere" / "news.csv")], ["?"]):
        done = _process(stored_url, *wrong)
        assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (2, b"", 1)
        assert done.stderr.startswith(b"error: ")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_a_full_disk_behind_stdout_is_one_line(stored_url: str) -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        done = _process(stored_url, stdout=full)
    finally:
        os.close(full)
    assert done.returncode == 2
    assert done.stderr == b"error: stdout: can't be written: No space left on device\n"


def test_a_terminal_is_shown_no_control_characters(stored_url: str) -> None:
    ours, theirs = os.openpty()
    try:
        done = _process(stored_url, "--as", "csv", "--language", "ar", stdout=theirs)
    finally:
        os.close(theirs)
    shown = b""
    with os.fdopen(ours, "rb", buffering=0) as terminal, suppress(OSError):  # which is how a terminal ends
        while more := terminal.read(65536):
            shown += more
    assert done.returncode == 0
    assert "& ��[31mred �back".encode() in shown
