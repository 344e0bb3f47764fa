"""How far a replay is, on a terminal: articles, articles a second, time left."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import Progress, ProgressColumn, Task, TaskID
from rich.text import Text

from pipeline.cli.output import progress


class _Articles(ProgressColumn):
    """How many, and how many a second since it began."""

    def render(self, task: Task) -> Text:
        """Both, in words."""
        articles, elapsed = task.fields["articles"], task.elapsed
        return Text(f"{articles:,} articles, {articles / elapsed if elapsed else 0.0:,.1f}/s")


class Meter:
    """Told what is read and sent.

    Goes by bytes, which are known beforehand, until it is told how many articles there are.

    Args:
        bar: draws it.
        what: what is done, in one word.
        total: the bytes that will be read; None where that is open.
    """

    def __init__(self, bar: Progress, what: str, total: int | None) -> None:
        self._bar = bar
        self._what = what
        self._task: TaskID = bar.add_task(what, total=total, articles=0)
        self._articles = 0
        self._by_article = False

    def read(self, count: int) -> None:
        """So many bytes were read."""
        if not self._by_article:
            self._bar.advance(self._task, count)

    def known(self, articles: int | None) -> None:
        """From now on it goes by articles, of which so many will be sent; None where that is open."""
        self._by_article = True
        self._bar.remove_task(self._task)  # a total that was known can't be unknown again
        self._task = self._bar.add_task(self._what, total=articles, articles=self._articles)

    def sent(self) -> None:
        """One article was."""
        self._articles += 1
        self._bar.update(self._task, advance=1 if self._by_article else 0, articles=self._articles)


@contextmanager
def metered(what: str, total: int | None) -> Iterator[Meter]:
    """A meter on stderr, as long as the block lasts; see `Meter`."""
    with progress(_Articles()) as bar:
        yield Meter(bar, what, total)
