"""What a format is: chunks of bytes in; for each record, its line and an article or its problem out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from pipeline.record import Article
from pipeline.sources.limits import Limits
from pipeline.sources.problems import Reason, UnfitError, printable
from pipeline.sources.records import from_record, from_text

_LONGEST_DATE = 60  # characters that are shown


@dataclass(frozen=True, slots=True)
class Intake:
    """What every record of a run needs to become an article."""

    limits: Limits
    source: str | None
    now: Callable[[], datetime]
    qualify_ids: bool = False
    names: Mapping[str, str] = field(default_factory=dict)
    _bad_dates: list[object] = field(default_factory=list)

    def article(self, fields: Mapping[str, Any]) -> Article:
        """The article of a record with the fields of docs/sources.md. Raises UnfitError: it can't be one."""
        if self.names and isinstance(fields, Mapping):
            fields = {
                **fields,
                **{ours: fields[theirs] for theirs, ours in self.names.items() if theirs in fields},
            }
        return from_record(
            fields,
            limits=self.limits,
            source=self.source,
            now=self.now,
            qualify_ids=self.qualify_ids,
            bad_date=self._bad_dates.append,
        )

    def take_problems(self) -> list[UnfitError]:
        """What is wrong with articles that are taken all the same, since the last call: dates that can't be read."""
        problems = [
            UnfitError(
                Reason.BAD_DATE,
                f"has a date that can't be read, {printable(repr(one))[:_LONGEST_DATE]}; it is taken without one",
            )
            for one in self._bad_dates
        ]
        self._bad_dates.clear()
        return problems

    def text_article(self, text: str) -> Article:
        """The article of a plain text. Raises UnfitError: it can't be one."""
        return from_text(text, limits=self.limits, source=self.source, now=self.now)


Found = tuple[int | None, Article | UnfitError]
"""The line of a record, None where the file is one article, and what became of it."""


@runtime_checkable
class Format(Protocol):
    """How files of one kind are read.

    Attributes:
        name: that of its entry point.
        suffixes: the ends of names that tell it, each with its dot, in small letters.
    """

    name: str
    suffixes: tuple[str, ...] = ()

    def sniff(self, start: bytes) -> bool:  # noqa: ARG002 - by its suffixes alone, unless a format says otherwise
        """Whether a file whose name tells no format begins like one of this.

        Args:
            start: the first bytes, unpacked, at most some 64 KiB; empty for an empty file.
        """
        return False

    def read(self, pieces: Iterable[bytes], intake: Intake) -> Iterator[Found]:
        """Read one file, in bounded memory.

        Args:
            pieces: its bytes, unpacked; without a byte order mark, and as UTF-8 where one said UTF-16 or UTF-32.
            intake: makes articles of what is found, within its limits.

        Raises:
            UnfitError: the rest of the file can't be read.
        """
        ...


class RawFormat(Format):
    """A format whose files are no text: it is given their bytes as they are, and has the first say about a file.

    Attributes:
        title: what such a file is called in a sentence.
    """

    title: str

    def sniff(self, start: bytes) -> bool:
        """See Format; `start` is as it is in the file."""
        raise NotImplementedError


def attempt(read: Callable[[], Article]) -> Article | UnfitError:
    """The article, or the problem why it is none."""
    try:
        return read()
    except UnfitError as problem:
        return problem


def empty() -> UnfitError:
    """The problem of a file with nothing in it."""
    return UnfitError(Reason.EMPTY, "is empty; there is no article in it")
