"""Whatever a producer compressed comes out whole, and never more of it than there is room for."""

from __future__ import annotations

import gzip
import sys
from contextlib import suppress

import pytest
from aiokafka.codec import lz4_encode, snappy_encode, zstd_encode
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import SettingsError
from pipeline.kafka.unpacking import Codec, Reader, UnpackingError, pieces, require_codecs

_MIB = 1 << 20
_PACK = {
    "gzip": (Codec.GZIP, gzip.compress),
    "snappy in Java's frame": (Codec.SNAPPY, snappy_encode),
    "snappy": (Codec.SNAPPY, lambda data: snappy_encode(data, xerial_compatible=False)),
    "lz4": (Codec.LZ4, lz4_encode),
    "zstd": (Codec.ZSTD, zstd_encode),
}


@pytest.mark.parametrize("kind", _PACK)
@given(data=st.binary(max_size=400), times=st.sampled_from([1, 7, 5000]))
def test_what_was_packed_comes_out_again(kind: str, data: bytes, times: int) -> None:
    codec, pack = _PACK[kind]
    whole = data * times
    assert b"".join(pieces(codec, bytes(pack(whole)), 4 * _MIB)) == whole


@pytest.mark.parametrize("kind", _PACK)
def test_no_more_is_unpacked_than_there_is_room_for(kind: str) -> None:
    codec, pack = _PACK[kind]
    bomb = bytes(pack(bytes(40 * _MIB)))
    reader = Reader(pieces(codec, bomb, 3 * _MIB))
    with pytest.raises(UnpackingError, match="unpacks to more than"):
        reader.skip(40 * _MIB)
    assert reader.position <= 3 * _MIB


@pytest.mark.parametrize("kind", _PACK)
@given(data=st.binary(min_size=1, max_size=200))
def test_junk_is_an_error_of_ours(kind: str, data: bytes) -> None:
    codec, _ = _PACK[kind]
    with suppress(UnpackingError):
        list(pieces(codec, data, _MIB))


def test_two_members_of_gzip_are_one_text() -> None:
    assert b"".join(pieces(Codec.GZIP, gzip.compress(b"a") + gzip.compress(b"b"), 9)) == b"ab"


def test_a_codec_that_nobody_knows_is_no_fault_of_the_installation() -> None:
    with pytest.raises(UnpackingError, match="unknown codec 6"):
        list(pieces(6, b"", 1))


@pytest.mark.parametrize(
    ("module", "package"), [("cramjam", "cramjam"), ("lz4.frame", "lz4"), ("zstandard",) * 2]
)
def test_a_missing_package_is_named(module: str, package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(SettingsError, match=f"the package {package} is missing or broken"):
        require_codecs()


def test_all_packages_are_there() -> None:
    require_codecs()


@given(st.lists(st.binary(max_size=5)), st.lists(st.integers(0, 7)))
def test_a_reader_gives_the_same_however_the_pieces_are_cut(cut: list[bytes], sizes: list[int]) -> None:
    whole, reader = b"".join(cut), Reader(iter(cut))
    for size in sizes:
        at = reader.position
        if at + size > len(whole):
            with pytest.raises(UnpackingError, match="ends too early"):
                reader.read(size)
            return
        assert reader.read(size) == whole[at : at + size]
