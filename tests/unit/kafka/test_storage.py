"""What the embedded broker keeps in a folder: objects that are whole, and logs that end where their batches do."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Coroutine
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import UsageError
from pipeline.kafka.storage import logs
from pipeline.kafka.storage.logs import mend, trim
from pipeline.kafka.storage.objects import Objects, PreconditionError
from pipeline.kafka.storage.server import BUCKET, ObjectServer

T = TypeVar("T")

_LOG = "clusters/c/topics/news.raw/partitions/0000000000"
_NAMES = st.sampled_from(["a", "b/c", "b/d", "b/d2", "b/cc/e", "bb/c", "topics/x/records/1"])


def _run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


@given(st.lists(st.tuples(_NAMES, st.one_of(st.none(), st.binary(max_size=20)))), _NAMES)
@settings(max_examples=60)
def test_a_folder_holds_what_was_written_last_and_a_new_reader_finds_the_same(
    steps: list[tuple[str, bytes | None]], prefix: str
) -> None:
    expected: dict[str, bytes] = {}

    async def play(objects: Objects) -> None:
        for name, body in steps:
            if body is None:
                await objects.delete(name)
                expected.pop(name, None)
            else:
                await objects.write(name, body)
                expected[name] = body

    async def held(objects: Objects) -> dict[str, bytes]:
        return {name: await objects.read(name) for name, _ in objects.below("")}

    with TemporaryDirectory() as folder:
        objects = Objects(Path(folder))
        _run(play(objects))
        again = Objects(Path(folder))
        assert _run(held(objects)) == _run(held(again)) == expected
        for one in (objects, again):
            found = [name for name, _ in one.below(prefix)]
            assert sorted(found) == sorted(name for name in expected if name.startswith(prefix))
        assert list(again.below("")) == list(objects.below(""))


def test_versions_grow_though_the_clock_stands_still(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time_ns", lambda: 5)

    async def written() -> list[int]:
        objects = Objects(tmp_path)
        return [(await objects.write(name, b"")).version for name in ("a", "b", "a")]

    first, second, third = _run(written())
    assert first < second < third
    assert max(kept.version for _, kept in Objects(tmp_path).below("")) == third


def test_what_was_being_written_when_all_stopped_is_not_there(tmp_path: Path) -> None:
    objects = Objects(tmp_path)
    _run(objects.write("a/b", b"old"))
    (tmp_path / "a" / "b.unfinished").write_bytes(b"ne")

    again = Objects(tmp_path)

    assert [name for name, _ in again.below("")] == ["a/b"]
    assert _run(again.read("a/b")) == b"old"
    assert not (tmp_path / "a" / "b.unfinished").exists()


def test_of_two_that_write_over_one_state_the_second_is_refused(tmp_path: Path) -> None:
    async def race() -> list[object]:
        objects = Objects(tmp_path)
        etag = (await objects.write("a", b"0")).etag
        return await asyncio.gather(
            *(objects.write("a", body, only_over=etag) for body in (b"1", b"2")), return_exceptions=True
        )

    outcomes = _run(race())
    assert [isinstance(outcome, PreconditionError) for outcome in outcomes].count(True) == 1


def test_a_name_leads_nowhere_else(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no name"):
        _run(Objects(tmp_path).write("../outside", b""))


def test_a_file_where_a_folder_is_wanted_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="file: can't be used"):
        Objects(tmp_path / "file")


def _batch(messages: int) -> bytes:
    return struct.pack(">23xi", messages - 1) + b"\0" * 34


async def _write_log(objects: Objects, batches: dict[int, int], high: int | None) -> None:
    for offset, messages in batches.items():
        await objects.write(f"{_LOG}/records/{offset:020}.batch", _batch(messages))
    await objects.write(f"{_LOG}/watermark.json", orjson.dumps({"low": None, "high": high}))


@pytest.mark.parametrize(("high", "mended"), [(12, ["news.raw/partitions/0000000000"]), (9, []), (None, [])])
def test_a_log_ends_behind_its_last_batch(tmp_path: Path, high: int | None, mended: list[str]) -> None:
    async def after() -> tuple[list[str], Any]:
        objects = Objects(tmp_path)
        await _write_log(objects, {0: 4, 4: 5}, high)
        return await mend(objects), orjson.loads(await objects.read(f"{_LOG}/watermark.json"))

    done, watermark = _run(after())
    assert done == mended
    assert watermark == {"low": None, "high": 9 if high else None}


def test_a_producer_from_before_a_crash_is_refused(tmp_path: Path) -> None:
    async def after() -> Any:
        objects = Objects(tmp_path)
        producers = {"1": {"sequences": {"0": {"news.raw": {"0": 7}}}}, "10": {"sequences": {"2": {}}}}
        await objects.write("clusters/c/meta.json", orjson.dumps({"producers": producers, "topics": {}}))
        await mend(objects)
        return orjson.loads(await objects.read("clusters/c/meta.json"))

    assert _run(after()) == {"producers": {"10": {"sequences": {"3": {}}}}, "topics": {}}


@pytest.mark.parametrize(
    ("committed", "left"), [({}, 9), ({"g": 9}, 4), ({"g": 9, "h": 3}, 6), ({"g": 0}, 9)]
)
def test_of_a_long_log_what_every_group_has_done_is_dropped_but_for_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, committed: dict[str, int], left: int
) -> None:
    monkeypatch.setattr(logs, "KEPT_BATCHES", 4)
    monkeypatch.setattr(logs, "_SURPLUS", 2)

    async def after() -> tuple[list[str], bytes]:
        objects = Objects(tmp_path)
        for group, offset in committed.items():
            name = f"clusters/c/groups/consumers/{group}/offsets/news.raw/partitions/0000000000.json"
            await objects.write(name, orjson.dumps({"offset": offset}))
        await _write_log(objects, dict.fromkeys(range(9), 1), 9)
        await trim(objects, f"{_LOG}/records/{8:020}.batch")
        listed = [name for name, _ in objects.below(f"{_LOG}/records/")]
        # Who has seen the first one in a list can still read it.
        return listed, await objects.read(f"{_LOG}/records/{0:020}.batch")

    listed, first = _run(after())
    assert len(listed) == left
    assert first == _batch(1)


def test_only_a_batch_shortens_a_log(tmp_path: Path) -> None:
    objects = Objects(tmp_path)
    _run(trim(objects, f"{_LOG}/watermark.json"))
    assert list(objects.below("")) == []


def _ask(
    address: str, name: str, method: str = "GET", body: bytes | None = None, **headers: str
) -> tuple[int, bytes, dict[str, str]]:
    request = Request(  # noqa: S310 - our own server
        f"{address}/{BUCKET}{name}",
        body,
        {key.replace("_", "-"): v for key, v in headers.items()},
        method=method,
    )
    try:
        with urlopen(request, timeout=10) as answer:  # noqa: S310 - as above
            return answer.status, answer.read(), dict(answer.headers)
    except HTTPError as error:
        with error:
            return error.code, error.read(), dict(error.headers)


def test_the_server_speaks_what_the_broker_asks(tmp_path: Path) -> None:
    with ObjectServer(Objects(tmp_path)) as server:
        at = server.address
        assert _ask(at, "/a/b", "PUT", b"0123456789", If_None_Match="*")[0] == 200
        assert _ask(at, "/a/b", "PUT", b"x", If_None_Match="*")[0] == 412
        status, body, headers = _ask(at, "/a/b")
        assert (status, body) == (200, b"0123456789")
        etag = headers["ETag"]
        assert _ask(at, "/a/b", If_None_Match=etag)[0] == 304
        assert _ask(at, "/a/b", "HEAD")[2]["Content-Length"] == "10"
        assert _ask(at, "/a/b", Range="bytes=2-4")[:2] == (206, b"234")
        assert _ask(at, "/a/b", "PUT", b"new", If_Match=etag)[0] == 200
        assert _ask(at, "/a/b", "PUT", b"old", If_Match=etag)[0] == 412
        assert _ask(at, "/a/c&d", "PUT", b"")[0] == 200
        listed = _ask(at, "?list-type=2&prefix=a/")[1].decode()
        assert listed.count("<Contents>") == 2
        assert "<Key>a/c&amp;d</Key>" in listed
        assert "<Prefix>a/</Prefix>" in _ask(at, "?list-type=2&delimiter=/")[1].decode()
        assert (
            _ask(at, "?delete", "POST", b"<Delete><Object><Key>a/c&amp;d</Key></Object></Delete>")[0] == 200
        )
        assert _ask(at, "/a/b", "DELETE")[0] == 204
        assert _ask(at, "/a/b")[0] == 404
        assert _ask(at, "/a/b", "POST", b"")[0] == 501
