"""Files that are no text, told by their first bytes: they are refused by name, not read as prose."""

from __future__ import annotations

from pipeline.sources.problems import Reason, UnfitError

_KINDS: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF-", "a PDF document", "give its text, or the page in HTML"),
    (b"{\\rtf", "an RTF document", "save it as plain text"),
    (b"\xd0\xcf\x11\xe0", "an office document", "save it as plain text or HTML"),
    (
        b"PK\x03\x04",
        "a zip archive, or an office document, which is one",
        "name the file itself, or unpack it",
    ),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "unpack it"),
    (b"Rar!\x1a", "a RAR archive", "unpack it"),
    (b"\x1f\x8b", "a gzip file in another packed file", "unpack the outer one"),
    (b"BZh", "a bzip2 file in another packed file", "unpack the outer one"),
    (b"\xfd7zXZ", "an xz file in another packed file", "unpack the outer one"),
    (b"\x28\xb5\x2f\xfd", "a zstd file in another packed file", "unpack the outer one"),
    (b"\x89PNG", "a PNG image", "give the text of the article"),
    (b"\xff\xd8\xff", "a JPEG image", "give the text of the article"),
    (b"GIF8", "a GIF image", "give the text of the article"),
    (b"RIFF", "a sound, a film or a WebP image", "give the text of the article"),
    (b"OggS", "a sound or a film", "give the text of the article"),
    (b"ID3", "a sound", "give the text of the article"),
    (b"\x1aE\xdf\xa3", "a film", "give the text of the article"),
    (b"PAR1", "a Parquet file", "name the file itself: standard input takes JSON lines"),
    (b"SQLite format 3", "an SQLite database", "write JSON lines"),
    (b"WARC/1.", "a WARC archive", "name the file itself: standard input takes JSON lines"),
)


def refuse(start: bytes) -> None:
    """Raise for a file that begins like one of these.

    Raises:
        UnfitError: it does; says what it is and what to give in place of it.
    """
    for signature, kind, remedy in _KINDS:
        if start.startswith(signature):
            raise UnfitError(Reason.BINARY, f"is {kind}, which is not read: {remedy}")
