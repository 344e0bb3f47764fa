"""What a source may cost before it is refused. Everything is checked before it is parsed or held whole."""

from __future__ import annotations

from dataclasses import dataclass

_KIB = 1024
_MIB = 1024 * _KIB
_TIB = _MIB * _MIB

# A JSON string may spell each byte of its text as an escape of six.
_ESCAPED = 6
_OTHER_FIELDS = 64 * _KIB


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds for one run.

    Attributes:
        max_article_bytes: the longest text of an article, in bytes of UTF-8.
        max_json_depth: how deeply objects and arrays of one record may be nested.
        max_json_fields: how many values one record may hold, at all depths together.
        max_document_bytes: the largest `.json` document, unpacked. JSON lines are streamed, without limit.
        max_decompressed_bytes: the most that one compressed file may unpack to.
        max_compression_ratio: how many times its size a file may unpack to, beyond the first 16 MiB.
    """

    max_article_bytes: int = _MIB
    max_json_depth: int = 32
    max_json_fields: int = 10_000
    max_document_bytes: int = 64 * _MIB
    max_decompressed_bytes: int = _TIB
    max_compression_ratio: int = 200

    @property
    def max_record_bytes(self) -> int:
        """The longest JSON record that may hold an article; a longer one is never held whole."""
        return _ESCAPED * self.max_article_bytes + _OTHER_FIELDS
