"""How far a replay has come: which place that is, whose it is, and a file that is whole at any moment."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cli.replaying.keeping import Keeper, fingerprint, noted
from pipeline.cli.replaying.resuming import Acknowledged, Bounds, Note
from pipeline.cli.replaying.rounds import BEGINNING, Place, Span
from pipeline.errors import UsageError
from tests.support.waiting import eventually
from tests.unit.builders import NOON

_NOTE = Note(options={"--seed": 3, "--source": None}, files="f" * 32, bounds=Bounds(since=NOON))
_PLACE = Place(2, 5, 15, Span(NOON, NOON))


@given(st.integers(0, 20), st.lists(st.integers(0, 25)))
def test_the_place_is_behind_the_last_acknowledged_message(count: int, asked: list[int]) -> None:
    places = [Place(1, n + 1, n + 1) for n in range(count)]
    reached = Acknowledged(BEGINNING)
    for place in places:
        reached.sent(place)
    for number in sorted(asked):
        assert reached.place(number) == ([BEGINNING, *places])[min(number, count)]


def test_a_note_is_of_another_replay_by_its_options_or_its_files() -> None:
    def of(note: Note) -> str | None:
        return _NOTE.model_copy(update={"place": _PLACE}).other(note)

    later = Bounds(since=NOON.replace(year=2031))
    assert of(_NOTE) is None
    assert of(_NOTE.model_copy(update={"bounds": later})) is None, "7d ago is what it was at the beginning"
    assert of(_NOTE.model_copy(update={"options": {"--seed": 4}})) == "it was begun with another --seed"
    assert of(_NOTE.model_copy(update={"options": {}})) == "it was begun with another --seed"
    assert of(_NOTE.model_copy(update={"files": ""})) == "its files are others, or have changed since"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    folder.mkdir()
    for name in ("a.txt", "b.txt"):
        (folder / name).write_text("Ferry late\n\nIt was late.")
    return folder


def test_files_are_told_by_path_size_and_time(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = fingerprint([str(archive)])
    monkeypatch.chdir(archive.parent)
    assert fingerprint(["archive"]) == fingerprint(["archive/a.txt", "archive/b.txt"]) == found
    assert fingerprint(["archive/b.txt", "archive/a.txt"]) != found
    os.utime(archive / "a.txt", (0, 0))
    assert fingerprint(["archive"]) != found


def test_progress_goes_through_the_file_and_is_removed_when_all_is_there(
    tmp_path: Path, archive: Path
) -> None:
    path = tmp_path / "progress.json"
    paths = [str(archive)]
    assert noted(path, paths, _NOTE) == _NOTE, "there is no file"
    acknowledged = 0
    with Keeper(path, _NOTE, lambda: acknowledged, pytest.fail) as keeper:
        assert noted(path, paths, _NOTE) == _NOTE
        keeper.sent(Place(1, 1, 1))
        keeper.sent(_PLACE)
        acknowledged = 1
        eventually(lambda: noted(path, paths, _NOTE).place == Place(1, 1, 1), what="it is noted meanwhile")
        acknowledged = 2
    assert noted(path, paths, _NOTE) == _NOTE.model_copy(update={"place": _PLACE})
    with Keeper(path, _NOTE, lambda: 0, pytest.fail) as keeper:
        keeper.complete = True
    assert [entry.name for entry in tmp_path.iterdir()] == ["archive"]


def test_what_is_no_note_or_belongs_to_another_replay_is_left_alone(tmp_path: Path, archive: Path) -> None:
    path = tmp_path / "progress.json"
    path.write_text('{"text": "An article."}')
    with pytest.raises(UsageError, match="is not the progress of a replay: name another file"):
        noted(path, [], _NOTE)
    path.write_text(_NOTE.model_copy(update={"files": ""}).model_dump_json())
    with pytest.raises(
        UsageError, match=r"belongs to another replay: its files .* or remove the file to begin"
    ):
        noted(path, [], _NOTE)
    with pytest.raises(UsageError, match="is no file"):
        noted(tmp_path, [], _NOTE)
    with pytest.raises(UsageError, match="is among what is replayed"):
        noted(archive / "progress.json", [str(archive)], _NOTE)
    with (
        pytest.raises(UsageError, match="can't be written"),
        Keeper(path / "x", _NOTE, lambda: 0, pytest.fail),
    ):
        pass


def test_what_can_not_be_written_any_more_is_told_once(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    told: list[str] = []
    acknowledged = 0
    with Keeper(folder / "progress.json", _NOTE, lambda: acknowledged, told.append) as keeper:
        for entry in folder.iterdir():
            entry.unlink()
        folder.rmdir()
        for number in (1, 2):
            keeper.sent(Place(1, number, number))
        acknowledged = 1
        eventually(lambda: told, what="it is told")
        acknowledged = 2
    (line,) = told
    assert line.endswith("resuming begins behind article 0")
