"""Articles in an order that a seed draws."""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from random import Random
from typing import Self

from pipeline.cli.replaying.pacing import Found, is_article
from pipeline.errors import PipelineError
from pipeline.record import Article
from pipeline.record.codec import decode_article, encode
from pipeline.sources.reading import utc_now


def order(count: int, seed: int, number: int) -> array[int]:
    """The numbers from 0 up to `count`, each once, in the order of the round of this number.

    The same everywhere: of the library's random numbers only `random` is promised to be the same in all versions, so
    that the drawing (Fisher and Yates) is done here. Eight bytes a number.
    """
    drawn = array("Q", range(count))
    numbers = Random()  # noqa: S311 - an order, not a secret
    numbers.seed(f"{seed}/{number}", version=2)
    for last in range(count - 1, 0, -1):
        other = int(numbers.random() * (last + 1))
        drawn[last], drawn[other] = drawn[other], drawn[last]
    return drawn


class Shuffled:
    """What is read, each round in an order of its own. A context manager: leaving it deletes its file.

    The articles lie in a temporary file, as large as they are; in memory is where each begins, and the order: 16
    bytes an article.

    Args:
        read: gives what is in the files; called once, with the first round that is asked for.
        seed: draws the orders.
        on_read: told the number of the articles when all are read.
        now: gives `ingested_at`, when an article is given.

    Raises:
        PipelineError: there is no room for the file.
    """

    def __init__(
        self,
        read: Callable[[int], Iterable[Found]],
        seed: int,
        *,
        on_read: Callable[[int], None] = lambda _: None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._read = read
        self._seed = seed
        self._on_read = on_read
        self._now = now
        self._begins = array("Q")
        self._is_read = False
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with _room():
            self._file = self._stack.enter_context(tempfile.TemporaryFile())
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def __call__(self, number: int) -> Iterator[Found]:
        """The articles in the order of the round of this number, before them the problems when all is read."""
        if not self._is_read:
            for item in self._read(number):
                if is_article(item):
                    self._keep(item)
                else:
                    yield item
            with _room():
                self._file.flush()
            self._is_read = True
            self._on_read(len(self._begins))
        for which in order(len(self._begins), self._seed, number):
            self._file.seek(self._begins[which])
            article = decode_article(self._file.readline())
            yield article.model_copy(update={"ingested_at": self._now()})

    def _keep(self, article: Article) -> None:
        with _room():
            self._begins.append(self._file.tell())
            self._file.write(encode(article) + b"\n")


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise PipelineError(
            f"--shuffle keeps the articles in a temporary file, which can't be written: {error.strerror or error}; "
            "make room, or set TMPDIR to a folder that has some"
        ) from error
