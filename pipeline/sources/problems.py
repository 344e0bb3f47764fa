"""What can be wrong with a source, as a bounded list of words and the exception that carries one of them."""

from __future__ import annotations

from enum import StrEnum

from pipeline.errors import SourceError


class Reason(StrEnum):
    """Why a file or a record gave no article. Bounded, for counting."""

    NOT_FOUND = "not-found"
    NOT_READABLE = "not-readable"
    UNKNOWN_FORMAT = "unknown-format"
    LINK = "link"
    EMPTY = "empty"
    BINARY = "binary"
    BAD_ENCODING = "bad-encoding"
    BAD_CHARACTER = "bad-character"
    BAD_COMPRESSION = "bad-compression"
    TOO_LARGE = "too-large"
    TOO_COMPLEX = "too-complex"
    NOT_JSON = "not-json"
    NOT_XML = "not-xml"
    NOT_AN_OBJECT = "not-an-object"
    NO_TEXT = "no-text"
    WRONG_TYPE = "wrong-type"
    BAD_DATE = "bad-date"  # its article is taken, without a date
    FORMAT_FAILED = "format-failed"  # one of another package


class UnfitError(Exception):
    """Something is wrong with what is read; whoever knows where it was read makes a SourceError of it."""

    def __init__(self, reason: Reason, problem: str) -> None:
        super().__init__(problem)
        self.reason = reason
        self.problem = problem

    def at(self, where: str) -> SourceError:
        """The same, with its place."""
        return SourceError(where, self.problem, reason=self.reason)


def printable(text: str) -> str:
    """`text` fit for one line of a terminal: control characters and stray surrogates are spelled out."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
