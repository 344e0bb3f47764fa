"""What a form is, and what is asked of one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from pipeline.record import EnrichedArticle, Statement, statements_of
from pipeline.text.folding import fold

ARTICLES, STATEMENTS, NAMES = "articles", "statements", "names"


class Out(Protocol):
    """Where the bytes go: a file, a pipe, an answer."""

    def write(self, data: bytes, /) -> object:
        """Write all of them. Raises OSError when that can't be done."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a form.

    Attributes:
        of: what one row, line or item is: an article, a statement, or a name in an article.
        speaker: only statements of theirs: a full name, or the last words of one.
        polarities: only statements that the article presents so; any when there are none.
        title: what a form with a title of its own is called.
    """

    of: str = ARTICLES
    speaker: str | None = None
    polarities: Collection[str] = ()
    title: str = "Articles"

    def statements(self, record: EnrichedArticle) -> Iterator[Statement]:
        """The statements of an article that are meant."""
        for one in statements_of(record):
            if self.polarities and one.polarity not in self.polarities:
                continue
            if self.speaker is None or any(_is_called(one.name, self.speaker) for one in one.speakers):
                yield one

    def fits(self, record: EnrichedArticle) -> bool:
        """Whether an article is meant: where statements are asked for, it has one of them."""
        asks = self.speaker is not None or self.polarities
        return not asks or any(True for _ in self.statements(record))


@dataclass(frozen=True, slots=True)
class Form:
    """A form in which records leave.

    Attributes:
        name: what it is asked for by.
        suffix: the end of its files' names, with the dot.
        media_type: as HTTP names it.
        of: what a row, line or item of it can be.
        write: writes the records as they come, holding few of them at a time, and gives the number of rows, lines or
            items. Raises UsageError when a package is missing for it.
        is_binary: it can't be read on a terminal, and `write` needs a file.
    """

    name: str
    suffix: str
    media_type: str
    of: tuple[str, ...]
    write: Callable[[Iterable[EnrichedArticle], Out, Asked], int]
    is_binary: bool = False


def write_each(pieces: Iterable[bytes], out: Out) -> int:
    """Write what comes, piece by piece; gives the number of pieces."""
    count = 0
    for piece in pieces:
        out.write(piece)
        count += 1
    return count


def _is_called(name: str, asked: str) -> bool:
    """Whether somebody's full name is, or ends with, the name that is asked for."""
    words, wanted = fold(name).split(), fold(asked).split()
    return bool(wanted) and words[-len(wanted) :] == wanted
