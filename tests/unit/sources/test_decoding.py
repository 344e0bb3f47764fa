import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sources.decoding import Decoder, to_utf8
from pipeline.sources.problems import Reason, UnfitError

_ENGLISH = "The “café” in Saltmere charged £5 for tea, said José Ortún. “It was £4 in May,” he said."
_FRENCH = "Le général a été élu à la présidence de l'académie. Il a répété qu'il n'était pas prêt."
_GERMAN = "Die Bürgermeisterin sagte: „Das Grün der Bäume fällt auf, und die Straße ist schön.“"
_POLISH = "Burmistrz powiedział, że łódź już zatonęła. Żółć i źdźbło są wciąż w mieście."
_RUSSIAN = "Мэр города сказала, что мост закрыт до осени и что чайки ни в чём не виноваты."
_JAPANESE = "市長は月曜日に辞任した。橋をめぐる長い争いの後だった。カモメは無罪である。"

_TURKISH = "Başkan, köprünün sonbahara kadar kapalı olduğunu söyledi. İstanbul'da yağmur yağıyor."
_GREEK = "Ο δήμαρχος είπε ότι η γέφυρα είναι κλειστή μέχρι το φθινόπωρο."


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (_ENGLISH, "cp1252"),
        (_FRENCH, "latin-1"),
        (_GERMAN, "cp1252"),
        (_POLISH, "cp1250"),
        (_RUSSIAN, "cp1251"),
        (_RUSSIAN, "koi8_r"),
        (_TURKISH, "cp1254"),
        (_GREEK, "cp1253"),
        (_JAPANESE, "shift_jis"),
        (_JAPANESE, "euc_jp"),
    ],
)
def test_a_legacy_encoding_is_recognised_from_two_sentences(text: str, encoding: str) -> None:
    assert Decoder().decode(text.encode(encoding)) == text


@pytest.mark.parametrize(
    "text", ["Zoë said no.", "It’s £5, he said.", "Café gulls win, said José Ortún", "naïve"]
)
def test_a_line_of_english_is_read_as_windows_wrote_it(text: str) -> None:
    assert Decoder().decode(text.encode("cp1252")) == text


def test_what_is_beyond_ascii_counts_wherever_it_stands() -> None:
    text = "It rained in Saltmere and nobody minded. " * 200 + _POLISH
    assert Decoder().decode(text.encode("cp1250")) == text


@given(st.text())
def test_utf_8_is_never_taken_for_anything_else(text: str) -> None:
    assert Decoder().decode(text.encode()) == text


@pytest.mark.parametrize("mark", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_is_obeyed_and_dropped(mark: str) -> None:
    assert b"".join(to_utf8([_GERMAN.encode(mark)])).decode() == _GERMAN


@given(
    st.text().filter(lambda text: text[:1] != "\0"),
    st.integers(1, 9),
    st.sampled_from(["utf-16-le", "utf-16-be"]),
)
def test_utf_16_may_be_cut_anywhere(text: str, size: int, encoding: str) -> None:
    mark = codecs.BOM_UTF16_LE if encoding == "utf-16-le" else codecs.BOM_UTF16_BE
    data = mark + text.encode(encoding)
    cut = [data[start : start + size] for start in range(0, len(data), size)]
    assert b"".join(to_utf8(cut)).decode() == text


@pytest.mark.parametrize("data", [b"\xff\xfea", b"\xff\xfe\x00\xd8a\x00", b"\xfe\xff\xd8"])
def test_broken_utf_16_is_named(data: bytes) -> None:
    with pytest.raises(UnfitError, match="UTF-16") as caught:
        list(to_utf8([data]))
    assert caught.value.reason is Reason.BAD_ENCODING


def test_binary_data_are_named() -> None:
    with pytest.raises(UnfitError) as caught:
        list(to_utf8([b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"]))
    assert caught.value.reason is Reason.BINARY
    with pytest.raises(UnfitError):
        Decoder().decode(b"\xff\0\xfe\x01")


def test_the_encoding_found_once_is_tried_first_afterwards() -> None:
    decoder = Decoder()
    decoder.decode(_POLISH.encode("cp1250"))
    assert decoder.decode("Łódź".encode("cp1250")) == "Łódź"
    assert decoder.decode("Łódź".encode()) == "Łódź"
