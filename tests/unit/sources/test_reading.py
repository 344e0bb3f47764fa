import gzip
import io
import json
import os
import threading
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import SourceError
from pipeline.record import Article
from pipeline.sources import STDIN, Limits, Reason, read_articles, total_bytes

_STORY = "Gulls win\n\nThe bridge has lost, the mayor said.\n"
_RECORD = json.dumps({"id": "a", "text": _STORY})


def _read(
    *paths: Path | str, stdin: bytes = b"", limits: Limits | None = None
) -> list[Article | SourceError]:
    return list(read_articles(paths, stdin=io.BytesIO(stdin), limits=limits))


def _article(*paths: Path | str) -> Article:
    (found,) = _read(*paths)
    assert isinstance(found, Article), found
    return found


def _problem(*paths: Path | str, stdin: bytes = b"", limits: Limits | None = None) -> SourceError:
    (found,) = _read(*paths, stdin=stdin, limits=limits)
    assert isinstance(found, SourceError)
    assert "\n" not in str(found)
    assert str(found).startswith(found.where)
    return found


def _outline(found: Iterable[Article | SourceError]) -> list[str]:
    return [one.article_id if isinstance(one, Article) else one.reason for one in found]


def test_a_text_file_is_one_article_kept_to_the_character(tmp_path: Path) -> None:
    text = "Gulls win\r\n\r\nThe bridge\u2028has lost.\t\n\n"
    path = tmp_path / "story.txt"
    path.write_bytes(text.encode())
    article = _article(path)
    assert article.text == text
    assert article.title == "Gulls win"
    assert article.published_at is None
    assert article.ingested_at.tzinfo is UTC


def test_the_heading_mark_of_a_markdown_file_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "story.md"
    path.write_text("# " + _STORY)
    assert _article(path).text == _STORY
    path.write_text("#hashtag\n\nstays")
    assert _article(path).text.startswith("#hashtag")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("suffix", [".txt", ".json", ".jsonl"])
@pytest.mark.parametrize("packed", [False, True])
def test_every_format_comes_in_every_encoding_and_compressed(
    tmp_path: Path, encoding: str, suffix: str, packed: bool
) -> None:
    text = "Café gulls win\n\nThe “bridge” has lost £5, said José Ortún on Monday."
    record = text if suffix == ".txt" else json.dumps({"text": text}, ensure_ascii=False)
    path = tmp_path / f"story{suffix}{'.gz' if packed else ''}"
    data = record.encode(encoding)
    path.write_bytes(gzip.compress(data) if packed else data)
    assert _article(path).text == text


def test_the_same_text_is_the_same_article_wherever_it_lies_and_however_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "moved").mkdir()
    files = [tmp_path / "a.txt", tmp_path / "moved/b.txt", tmp_path / "c.json", tmp_path / "d.jsonl"]
    for path in files:
        path.write_text(_STORY if path.suffix == ".txt" else json.dumps({"text": _STORY}))
    found = _read(*files, STDIN, stdin=json.dumps({"text": _STORY}).encode())
    assert len(found) == 5
    assert len(set(_outline(found))) == 1


def test_folders_are_read_recursively_in_sorted_order(tmp_path: Path) -> None:
    for name in ("b.jsonl", "a/z.jsonl", "a/b/c.NDJSON", "c.jsonl.gz", ".hidden.jsonl", ".git/x.jsonl"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = json.dumps({"id": name, "text": _STORY}).encode()
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    (tmp_path / "a/photo.jpg").write_bytes(b"\xff\xd8")
    (tmp_path / "loop").symlink_to(tmp_path)
    found = _read(tmp_path)
    assert _outline(found) == [
        "a/b/c.NDJSON",
        Reason.UNKNOWN_FORMAT,
        "a/z.jsonl",
        "b.jsonl",
        "c.jsonl.gz",
        Reason.LINK,
    ]
    assert "photo.jpg: is skipped" in str(found[1])
    assert "loop: is skipped: it is a link to a folder" in str(found[5])


def test_a_link_that_leads_out_of_the_folder_is_named_and_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    folder = tmp_path / "folder"
    for made in (outside, folder):
        made.mkdir()
    (outside / "secret.jsonl").write_text(json.dumps({"id": "secret", "text": _STORY}))
    (folder / "a.jsonl").symlink_to(outside / "secret.jsonl")
    (folder / "b").symlink_to(outside)
    (folder / "c.jsonl").symlink_to("../outside/../outside/secret.jsonl")
    (folder / "d.jsonl").symlink_to("d.jsonl")
    (folder / "e.jsonl").symlink_to(tmp_path / "nowhere.jsonl")
    (folder / "f.jsonl").write_text(_RECORD)
    found = _read(folder)
    assert _outline(found) == [Reason.LINK] * 3 + [Reason.NOT_READABLE, Reason.LINK, "a"]
    assert f"a.jsonl: is skipped: it is a link that leads out of {folder}" in str(found[0])
    assert _outline(_read(folder / "a.jsonl")) == ["secret"], "a file that is named itself is meant"


def test_what_links_within_a_folder_lead_to_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "given").symlink_to("real")
    hidden = tmp_path / "real" / "..data"
    hidden.mkdir(parents=True)  # as a cluster mounts files
    (hidden / "story.jsonl").write_text(json.dumps({"id": "mounted", "text": _STORY}))
    for name in ("a.jsonl", "b.jsonl"):
        (tmp_path / "real" / name).symlink_to("..data/story.jsonl")
    (tmp_path / "real" / "c.jsonl").symlink_to("d.jsonl")
    (tmp_path / "real" / "d.jsonl").write_text(_RECORD)
    assert _outline(_read(tmp_path / "given")) == ["mounted", "a"]


def test_an_empty_folder_is_named(tmp_path: Path) -> None:
    assert _problem(tmp_path).reason == Reason.EMPTY


def test_a_file_that_is_named_itself_may_be_called_anything(tmp_path: Path) -> None:
    for name, content, ids in [
        ("text", _STORY, 1),
        ("lines", f"{_RECORD}\n{_RECORD}\n", 2),
        ("array", f" [{_RECORD},\n{_RECORD}]", 2),
        ("pretty", json.dumps(json.loads(_RECORD), indent=2), 1),
    ]:
        path = tmp_path / name
        path.write_text(content)
        found = _read(path)
        assert len(found) == ids
        assert all(isinstance(one, Article) for one in found), found


def test_a_bad_line_costs_only_itself_and_is_named_by_its_number(tmp_path: Path) -> None:
    path = tmp_path / "feed.jsonl"
    lines = [_RECORD, "", "{broken", '{"title": "no text"}', "[]", '{"text": "x", "n": NaN}', _RECORD]
    path.write_text("\n".join(lines))
    found = _read(path)
    assert _outline(found)[:4] == ["a", Reason.NOT_JSON, Reason.NO_TEXT, Reason.NOT_AN_OBJECT]
    assert [one.where for one in found if isinstance(one, SourceError)] == [f"{path}:{n}" for n in (3, 4, 5)]
    assert all(isinstance(one, Article) for one in found[4:])


def test_a_bad_element_of_an_array_is_named_by_the_line_it_begins_on(tmp_path: Path) -> None:
    path = tmp_path / "feed.json"
    path.write_text(f'[\n {_RECORD},\n\n {{"text": 3}},\n {{"text": }},\n {_RECORD}\n]')
    found = _read(path)
    assert _outline(found) == ["a", Reason.WRONG_TYPE, Reason.NOT_JSON, "a"]
    assert [one.where for one in found if isinstance(one, SourceError)] == [f"{path}:4", f"{path}:5"]


def test_an_array_that_is_cut_off_gives_what_it_had(tmp_path: Path) -> None:
    path = tmp_path / "feed.json"
    path.write_text(f"[{_RECORD}, {_RECORD}")
    assert _outline(_read(path)) == ["a", "a", Reason.NOT_JSON]


@pytest.mark.parametrize("text", [r"\ud800", r"\udc00 \ud83d", r"a\u0000b"])
def test_escapes_that_are_no_characters_are_refused(text: str) -> None:
    problem = _problem(STDIN, stdin=b'{"text": "%s"}' % text.encode())
    assert problem.reason == Reason.BAD_CHARACTER
    assert problem.where == "standard input:1"


def test_surrogate_pairs_are_characters_and_others_do_no_harm_where_they_are_not_read() -> None:
    (found,) = _read(STDIN, stdin=rb'{"text": "gull \ud83d\udc26", "ignored": "\ud800"}')
    assert isinstance(found, Article)
    assert found.text == "gull 🐦"


@pytest.mark.parametrize("name", ["e.txt", "e.md", "e.json", "e.jsonl", "e.txt.gz", "e.jsonl.gz"])
def test_an_empty_file_is_named(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(gzip.compress(b"") if name == "e.jsonl.gz" else b"")
    assert _problem(path).reason == Reason.EMPTY


@pytest.mark.parametrize("blank", [" \n\n", "\ufeff"])
@pytest.mark.parametrize("suffix", [".txt", ".jsonl", ".json"])
def test_a_blank_file_is_named(tmp_path: Path, suffix: str, blank: str) -> None:
    path = tmp_path / f"blank{suffix}"
    path.write_text(blank)
    assert _problem(path).reason in {Reason.EMPTY, Reason.NO_TEXT}


@pytest.mark.parametrize("suffix", [".txt", ".json", ".jsonl"])
def test_a_binary_file_is_named_once(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"photo{suffix}"
    path.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 9)
    assert _problem(path).reason == Reason.BINARY


def test_what_is_too_long_is_named_in_every_format(tmp_path: Path) -> None:
    limits = Limits(max_article_bytes=100, max_document_bytes=1_000_000)
    long = {"text": "x" * 101}
    for name, content in [
        ("a.txt", "x" * 101),
        ("b.txt", "x" * 10_000),
        ("c.jsonl", json.dumps(long)),
        ("d.jsonl", json.dumps({"text": "x" * limits.max_record_bytes})),
        ("e.json", json.dumps([long])),
        ("f.json", json.dumps({"text": "x" * limits.max_record_bytes})),
        ("g.json", " " * 1_000_001),
    ]:
        path = tmp_path / name
        path.write_text(content)
        assert _problem(path, limits=limits).reason == Reason.TOO_LARGE, name


def test_a_line_that_is_too_long_costs_only_itself() -> None:
    limits = Limits(max_article_bytes=100)
    long = json.dumps({"text": "x" * limits.max_record_bytes})
    found = _read(STDIN, stdin=f"{_RECORD}\n{long}\n{_RECORD}".encode(), limits=limits)
    assert _outline(found) == ["a", Reason.TOO_LARGE, "a"]


@pytest.mark.parametrize(
    "record", ["[" * 100_000, '{"a":' * 50_000, '{"text": "x", "tags": [' + "1," * 20_000 + "1]}"]
)
def test_a_record_that_is_too_complex_is_refused_before_it_is_parsed(record: str) -> None:
    assert _problem(STDIN, stdin=record.encode()).reason == Reason.TOO_COMPLEX


def test_a_cut_off_archive_gives_what_came_before(tmp_path: Path) -> None:
    path = tmp_path / "feed.jsonl.gz"
    path.write_bytes(gzip.compress((_RECORD + "\n").encode() * 5_000, compresslevel=0)[:200_000])
    *before, last = _outline(_read(path))
    assert last == Reason.BAD_COMPRESSION
    assert len(before) > 1_000
    assert set(before) == {"a"}


def test_a_path_that_does_not_exist_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    good = tmp_path / "a.jsonl"
    good.write_text(_RECORD)
    found = _read(tmp_path / "missing.txt", good)
    assert _outline(found) == [Reason.NOT_FOUND, "a"]
    assert "missing.txt: can't be read: No such file" in str(found[0])


def test_what_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    locked, folder = tmp_path / "locked.txt", tmp_path / "folder"
    locked.write_text(_STORY)
    folder.mkdir()

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    # Taking the permission away would not stop a test that runs as root.
    monkeypatch.setattr(Path, "open", refuse)
    monkeypatch.setattr(os, "scandir", refuse)
    found = _read(locked, folder)
    assert _outline(found) == [Reason.NOT_READABLE, Reason.NOT_READABLE]
    assert str(found[0]) == f"{locked}: can't be read: Permission denied; check its permissions"


def test_an_error_of_the_device_is_named_after_what_was_read(tmp_path: Path) -> None:
    class Failing(io.BytesIO):
        def read1(self, size: int | None = -1, /) -> bytes:
            if data := super().read1(size):
                return data
            raise OSError(5, "Input/output error")

    found = list(read_articles([STDIN, tmp_path / "x"], stdin=Failing(f"{_RECORD}\n".encode())))
    assert _outline(found) == ["a", Reason.NOT_READABLE, Reason.NOT_FOUND]


def test_a_named_pipe_is_read_when_it_is_given_and_left_alone_in_a_folder(tmp_path: Path) -> None:
    pipe = tmp_path / "feed.jsonl"
    os.mkfifo(pipe)
    assert _problem(tmp_path).reason == Reason.NOT_READABLE
    assert total_bytes([pipe]) is None
    writer = threading.Thread(target=pipe.write_text, args=(_RECORD,))
    writer.start()
    assert _article(pipe).article_id == "a"
    writer.join()


def test_odd_file_names_are_printable_in_messages(tmp_path: Path) -> None:
    path = tmp_path / "bad\x1b[31m\nname.txt"
    path.touch()
    assert r"bad\x1b[31m\nname.txt" in _problem(path).where
    raw = Path(os.fsdecode(bytes(tmp_path) + b"/\xff.txt"))
    assert _problem(raw).where.isprintable()


def test_progress_adds_up_to_the_total(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(_STORY)
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress((_RECORD + "\n").encode() * 9_000))
    (tmp_path / "c.bin").write_text("skipped")
    seen: list[int] = []
    assert len(list(read_articles([tmp_path], progress=seen.append))) == 9_002
    assert sum(seen) == total_bytes([tmp_path])
    assert total_bytes([tmp_path, STDIN]) is None
    assert total_bytes([tmp_path / "missing"]) == 0


def test_time_and_source_are_those_the_caller_gives() -> None:
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    (found,) = read_articles(
        [STDIN], stdin=io.BytesIO(_RECORD.encode()), now=lambda: moment, source="Gazette"
    )
    assert isinstance(found, Article)
    assert (found.ingested_at, found.source) == (moment, "Gazette")


@given(
    st.binary(max_size=200) | st.text('{}[]":,\\u0dtex \n', max_size=60).map(str.encode),
    st.sampled_from([".txt", ".md", ".json", ".jsonl", ".json.gz", ""]),
    st.booleans(),
)
def test_no_content_raises(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, suffix: str, packed: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / f"anything{suffix}"
    path.write_bytes(gzip.compress(data) if packed else data)
    for found in _read(path):
        assert isinstance(found, Article) or found.reason in list(Reason)


def test_a_date_that_can_not_be_read_is_named_and_costs_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(
        '{"text": "One", "published_at": "some day"}\n{"text": "Two"}\n{"text": "Three"}\n'
    )
    problem, *articles = read_articles([tmp_path / "a.jsonl"])
    assert isinstance(problem, SourceError)
    assert (problem.reason, str(problem).partition("a.jsonl:1: ")[2]) == (
        Reason.BAD_DATE,
        "has a date that can't be read, 'some day'; it is taken without one",
    )
    assert [one.text for one in articles if isinstance(one, Article)] == ["One", "Two", "Three"]
