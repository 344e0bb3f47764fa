"""A bad item among good ones: it is rejected alone, and its neighbours go through."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Generic, TypeVar

from pipeline.errors import PermanentError, PipelineError
from pipeline.stages.base import Rejection, raised

Item = TypeVar("Item")
Good = TypeVar("Good")
Result = TypeVar("Result")


def refused(error: Exception) -> Rejection:
    """The rejection of the item that made something raise; raises the error where no item is to blame for it."""
    if isinstance(error, PermanentError):
        return Rejection(error.reason, error.detail)
    if isinstance(error, PipelineError):
        raise error
    return raised(error)


def each(function: Callable[[Item], Result], items: Iterable[Item]) -> list[Result | Rejection]:
    """Apply `function` item by item; an item that makes it raise is rejected."""
    results: list[Result | Rejection] = []
    for item in items:
        try:
            results.append(function(item))
        except Exception as error:  # noqa: BLE001 - whatever one item provokes must not stop its neighbours
            results.append(refused(error))
    return results


def isolated(
    work: Callable[[Sequence[Item]], Sequence[Result]], batch: Sequence[Item]
) -> list[Result | Rejection]:
    """Do `work` on the whole batch; if it raises, item by item, so that only an item that does it is rejected."""
    try:
        return [*_as_many(work(batch), batch)]
    except Exception as error:  # noqa: BLE001 - see above
        if len(batch) == 1 or _is_no_items_fault(error):
            return [refused(error)]
    return each(lambda item: _as_many(work([item]), [item])[0], batch)


class Sifted(Generic[Good]):
    """A batch of which some are rejected already.

    Args:
        batch: what is good, or why it is not.

    Attributes:
        good: what is left to be worked on, in order.
    """

    def __init__(self, batch: Sequence[Good | Rejection]) -> None:
        self._batch = batch
        self.good = [item for item in batch if not isinstance(item, Rejection)]

    def with_results(self, results: Iterable[Result]) -> list[Result | Rejection]:
        """The results for the good ones, and the rejections of the others, in the order of the batch."""
        following: Iterator[Result] = iter(results)
        return [item if isinstance(item, Rejection) else next(following) for item in self._batch]


def going_on(
    batch: Sequence[Good | Rejection], work: Callable[[Sequence[Good]], Iterable[Result]]
) -> list[Result | Rejection]:
    """Do the work on what is not rejected yet; the rejections stay in their places."""
    left = Sifted[Good](batch)
    return left.with_results(work(left.good))


def sifted(first: Callable[[Item], Good], items: Iterable[Item]) -> Sifted[Good]:
    """Do the first thing with each item, such as decoding it, to find those that are to be worked on."""
    return Sifted(each(first, items))


def _is_no_items_fault(error: Exception) -> bool:
    return isinstance(error, PipelineError) and not isinstance(error, PermanentError)


def _as_many(results: Sequence[Result], batch: Sequence[object]) -> Sequence[Result]:
    if len(results) != len(batch):
        raise ValueError(f"{len(results)} results for {len(batch)} items")
    return results
