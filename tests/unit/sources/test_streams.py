import collections
import gzip
import io
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sources.compression import named_codec
from pipeline.sources.limits import Limits
from pipeline.sources.problems import Reason, UnfitError
from pipeline.sources.streams import chunks, lines, whole

_MIB = 1024 * 1024


def _read(data: bytes, **options: object) -> bytes:
    return b"".join(chunks(io.BytesIO(data), limits=Limits(), **options))  # type: ignore[arg-type]


@given(st.lists(st.binary(max_size=9)))
def test_lines_are_those_of_the_whole_however_it_is_cut(pieces: list[bytes]) -> None:
    data = b"".join(pieces)
    expected = data.split(b"\n")
    if not expected[-1]:
        expected.pop()
    assert list(lines(pieces, 10**6)) == list(enumerate(expected, 1))


@given(st.lists(st.sampled_from([b"a", b"bcd", b"\n", b"e\nf", b"\n\n"])), st.integers(0, 4))
def test_a_line_is_left_out_exactly_when_it_is_longer_than_allowed(pieces: list[bytes], longest: int) -> None:
    everything = dict(lines(pieces, 10**6))
    for number, line in lines(pieces, longest):
        whole_line = everything[number]
        assert whole_line is not None
        assert line == (whole_line if len(whole_line) <= longest else None)


def test_a_line_without_end_is_never_held() -> None:
    chunk = b"x" * 65_536

    def endless() -> Iterator[bytes]:
        for _ in range(4_000):
            yield chunk
        yield b"\nshort\n"

    tracemalloc.start()
    try:
        found = list(lines(endless(), 1000))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found == [(1, None), (2, b"short")]
    assert peak < _MIB


def test_whole_gives_up_as_soon_as_it_is_too_much() -> None:
    def pieces() -> Iterator[bytes]:
        yield b"abc"
        yield b"def"
        raise AssertionError("read on")

    assert whole(pieces(), 5) is None
    assert whole([b"abc", b"de"], 5) == b"abcde"


def test_gzip_is_told_by_content_and_may_have_several_members() -> None:
    assert _read(gzip.compress(b"one ") + gzip.compress(b"two")) == b"one two"
    assert _read(gzip.compress(b"padded") + b"\0" * 64) == b"padded"
    assert _read(b"plain") == b"plain"


def test_progress_counts_the_bytes_of_the_file_not_those_unpacked() -> None:
    packed = gzip.compress(b"the same line\n" * 50_000)
    seen: list[int] = []
    assert len(_read(packed, progress=seen.append)) == 700_000
    assert sum(seen) == len(packed)


def test_a_cut_off_file_gives_what_came_before_and_its_problem() -> None:
    packed = gzip.compress(bytes(range(256)) * 4_000, compresslevel=0)
    found = chunks(io.BytesIO(packed[: len(packed) // 2]), limits=Limits())
    got = bytearray()
    with pytest.raises(UnfitError, match="cut off") as caught:
        collections.deque(map(got.extend, found), maxlen=0)
    assert caught.value.reason is Reason.BAD_COMPRESSION
    assert len(got) > len(packed) // 2 - 200_000


@pytest.mark.parametrize("damage", ["checksum", "middle", "trailer"])
def test_damaged_gzip_is_named(damage: str) -> None:
    packed = bytearray(gzip.compress(b"The gulls have voted, and the bridge has lost.\n" * 9, mtime=0))
    if damage == "checksum":
        packed[-8] ^= 0xFF
    elif damage == "middle":
        packed[12:30] = b"\xff" * 18
    else:
        packed += b"leftovers"
    with pytest.raises(UnfitError) as caught:
        _read(bytes(packed))
    assert caught.value.reason is Reason.BAD_COMPRESSION


def test_a_name_that_promises_gzip_must_keep_it() -> None:
    with pytest.raises(UnfitError, match="not gzip"):
        _read(b"plain", named=named_codec("x.gz"))
    assert _read(b"", named=named_codec("x.gz")) == b""


def test_a_decompression_bomb_is_refused_in_little_memory() -> None:
    bomb = gzip.compress(b"\n" * (64 * _MIB))
    tracemalloc.start()
    try:
        with pytest.raises(UnfitError, match="bomb") as caught:
            collections.deque(chunks(io.BytesIO(bomb), limits=Limits()), maxlen=0)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert caught.value.reason is Reason.BAD_COMPRESSION
    assert peak < 4 * _MIB


def test_what_unpacks_to_more_than_allowed_is_refused() -> None:
    with pytest.raises(UnfitError, match="1,000 bytes") as caught:
        list(chunks(io.BytesIO(gzip.compress(b"x" * 1001)), limits=Limits(max_decompressed_bytes=1000)))
    assert caught.value.reason is Reason.TOO_LARGE


def test_a_pipe_is_read_as_it_comes() -> None:
    to_come = [b"first\n", b"second\n"]

    class Pipe(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
            assert to_come, "read ahead of what was asked for"
            data = to_come.pop(0)
            buffer[: len(data)] = data
            return len(data)

    found = lines(chunks(io.BufferedReader(Pipe()), limits=Limits()), 100)
    assert next(found) == (1, b"first")
