"""Archives: each file in them is read as it would be in a folder, and nothing is written anywhere."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import SourceError
from pipeline.record import Article
from pipeline.sources import read_articles
from pipeline.sources.folders import total_bytes
from pipeline.sources.limits import Limits

_STORY = b"Gulls win\n\nThe bridge has lost, the mayor said.\n"
_LINES = b'{"id": "1", "text": "The ferry is late."}\n{"id": "2"}\n'
_PAGE = b"<html><head><title>Pier</title></head><body><article><h1>Pier closes</h1>" + b"".join(
    b"<p>The mayor of Fenmouth said on day %d that the pier will close for the winter, all of it.</p>" % day
    for day in range(5)
)
_FILES = {"a/story.txt": _STORY, "b.jsonl": _LINES, "page.html": _PAGE}

_CODECS: Mapping[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstandard.compress,
}


def _zip(files: Mapping[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return made.getvalue()


def _tar(files: Mapping[str, bytes], links: Mapping[str, str] | None = None) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        for name, target in (links or {}).items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.SYMTYPE, target
            archive.addfile(info)
    return made.getvalue()


_ARCHIVES = {
    "news.zip": _zip(_FILES),
    "news.tar": _tar(_FILES),
    **{f"news.tar{suffix}": pack(_tar(_FILES)) for suffix, pack in _CODECS.items()},
}


def _read(
    folder: Path, name: str, data: bytes, limits: Limits | None = None
) -> tuple[list[Article], list[str]]:
    """The articles of a file of this name, and its problems without the folder in front."""
    path = folder / name
    path.write_bytes(data)
    raw: list[int] = []
    found = list(read_articles([path], limits=limits, progress=raw.append))
    assert sum(raw) == total_bytes([path]) or any(isinstance(one, SourceError) for one in found)
    problems = [str(one).removeprefix(f"{folder}/") for one in found if isinstance(one, SourceError)]
    return [one for one in found if isinstance(one, Article)], problems


@pytest.mark.parametrize("name", _ARCHIVES)
def test_the_files_in_an_archive_are_read_as_in_a_folder(tmp_path: Path, name: str) -> None:
    articles, problems = _read(tmp_path, name, _ARCHIVES[name])
    assert [one.text.split("\n")[0] for one in articles] == ["Gulls win", "The ferry is late.", "Pier closes"]
    assert problems == [f'{name}/b.jsonl:2: has no text; give "text", or "title" and "body"']


@pytest.mark.parametrize("suffix", _CODECS)
def test_a_file_may_be_packed_in_any_of_these_ways(tmp_path: Path, suffix: str) -> None:
    pack = _CODECS[suffix]
    articles, problems = _read(tmp_path, f"story.txt{suffix}", pack(_STORY[:9]) + pack(_STORY[9:]))
    assert ([one.text for one in articles], problems) == ([_STORY.decode()], [])
    inside, _ = _read(tmp_path, "news.zip", _zip({f"story.txt{suffix}": pack(_STORY)}))
    assert [one.text for one in inside] == [_STORY.decode()]


@pytest.mark.parametrize("suffix", _CODECS)
def test_packed_data_that_are_cut_off_or_broken_are_named(tmp_path: Path, suffix: str) -> None:
    packed = _CODECS[suffix](_LINES * 2000)
    for damaged in (packed[:-9], packed[: len(packed) // 2] + b"\0" * 9):
        _, problems = _read(tmp_path, f"news.jsonl{suffix}", damaged)
        assert any("is cut off" in one or "is broken" in one for one in problems), problems
    _, (problem,) = _read(tmp_path, f"news.jsonl{suffix}", _LINES)
    assert f"is named {suffix} but is not" in problem


@pytest.mark.parametrize("suffix", _CODECS)
def test_a_bomb_is_not_unpacked(tmp_path: Path, suffix: str) -> None:
    bomb = _CODECS[suffix](b"x" * (40 << 20))
    _, problems = _read(tmp_path, f"bomb.jsonl{suffix}", bomb)
    assert any("like a decompression bomb" in one for one in problems), problems


def test_an_archive_that_unpacks_to_far_more_than_it_is_stops(tmp_path: Path) -> None:
    bomb = _zip({f"{number}.txt": b"x" * (8 << 20) for number in range(8)})
    _, problems = _read(tmp_path, "bomb.zip", bomb)
    assert "like a decompression bomb" in problems[-1]


@pytest.mark.parametrize("make", [_zip, _tar])
def test_names_that_lead_out_are_refused_and_hidden_files_left_out(
    tmp_path: Path, make: Callable[[Mapping[str, bytes]], bytes]
) -> None:
    names = ["../out.txt", "/etc/out.txt", ".hidden.txt", "__MACOSX/x.txt", "photo.jpg", "in.txt"]
    articles, problems = _read(tmp_path, "news.archive", make(dict.fromkeys(names, _STORY)))
    assert len(articles) == 1
    assert [one.split(": ", 1)[0] for one in problems] == [
        "news.archive/../out.txt",
        "news.archive//etc/out.txt",
        "news.archive/photo.jpg",
    ]
    assert "leads out of the archive" in problems[0]
    assert not (tmp_path.parent / "out.txt").exists()


def test_links_in_an_archive_are_not_followed(tmp_path: Path) -> None:
    articles, (problem,) = _read(tmp_path, "news.tar", _tar({"a.txt": _STORY}, {"b.txt": "/etc/passwd"}))
    assert len(articles) == 1
    assert "b.txt: is skipped: it is a link" in problem


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (_zip({"inner.zip": _zip(_FILES)}), "news.zip/inner.zip: is an archive in an archive"),
        (_zip({"inner.tar.gz": gzip.compress(_tar(_FILES))}), "is an archive in an archive"),
        (_zip({}), "is an archive without files"),
        (_zip({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}), "is an office document"),
        (_zip({"mimetype": b"application/epub+zip"}), "is an office document or a book"),
        (_zip(_FILES)[:-30], "is a broken zip archive, or one that is cut off"),
        (_tar(_FILES)[:700], "is a broken tar archive, or one that is cut off"),
    ],
)
def test_what_can_not_be_read_is_said(tmp_path: Path, data: bytes, said: str) -> None:
    _, problems = _read(tmp_path, "news.zip", data)
    assert any(said in one for one in problems), problems
    assert not any("\n" in one for one in problems)


def test_an_encrypted_file_is_named(tmp_path: Path) -> None:
    data = bytearray(_zip({"a.txt": _STORY, "b.txt": _STORY}))
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + at] |= 1
    articles, (problem,) = _read(tmp_path, "news.zip", bytes(data))
    assert len(articles) == 1
    assert "a.txt: is skipped: it is encrypted" in problem


def test_a_zip_archive_in_a_pipe_is_refused_by_name(tmp_path: Path) -> None:
    (problem,) = read_articles(["-"], stdin=io.BytesIO(_zip(_FILES)))
    assert "name the file itself" in str(problem)
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "news.zip").write_bytes(_zip(_FILES))
    assert sum(isinstance(one, Article) for one in read_articles([tmp_path / "x"])) == 3


@settings(max_examples=150)
@given(st.sampled_from(sorted(_ARCHIVES)), st.integers(0, 3000), st.binary(max_size=12), st.booleans())
def test_no_archive_breaks_a_reader_wherever_it_is_damaged(
    tmp_path_factory: pytest.TempPathFactory, name: str, at: int, junk: bytes, cut: bool
) -> None:
    data = _ARCHIVES[name]
    at = min(at, len(data))
    path = tmp_path_factory.getbasetemp() / name
    path.write_bytes(data[:at] + junk + (b"" if cut else data[at + len(junk) :]))
    found = list(read_articles([path]))
    assert found
    assert all(isinstance(one, Article | SourceError) for one in found)
