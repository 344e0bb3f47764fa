"""Work in portions that are bounded by count and by bytes: a hundred articles can be a hundred kilobytes, or MiB."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def portions(
    items: Sequence[T], size: Callable[[T], int], *, count: int, limit: int
) -> Iterator[Sequence[T]]:
    """The items in their order, in portions.

    Args:
        items: all of them.
        size: gives the bytes of one.
        count: how many a portion has at most.
        limit: how many bytes a portion has at most; an item of more is alone.
    """
    start, held = 0, 0
    for number, item in enumerate(items):
        of_it = size(item)
        if number > start and (number - start == count or held + of_it > limit):
            yield items[start:number]
            start, held = number, 0
        held += of_it
    if start < len(items):
        yield items[start:]
