"""The breaker: a stage that fails on everything alike is broken, and the articles are not to blame.

An unexpected failure (an exception, no time left, a process that died) of one article among others is that article's,
and it is dead-lettered. When all of a batch fail alike, it is a release with a defect, or a machine that can't do its
work: the stage would dead-letter the stream as fast as it can read it. The breaker opens, nothing of the batch is
acknowledged, and after a pause, longer each time, one of its articles is tried. What tells a burst of poison from that
is a witness, the last article that this process has done: when it still goes through, the stage works, and the batch
becomes dead letters; one batch a pause, until others go through. Decision 11 gives the reasons.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from itertools import count
from typing import Generic, TypeVar

from pipeline.stages.base import Rejection
from pipeline.watch import metrics

log = logging.getLogger(__name__)

Item = TypeVar("Item")
Result = TypeVar("Result")

_SAMPLE = 8  # articles, of one batch or of several in a row
_ALIKE = 0.9  # of a sample; some articles pass through a broken stage untouched
_SHORTEST_PAUSE = 1.0  # seconds
_LONGEST_PAUSE = 60.0


class Breaker(Generic[Item, Result]):
    """Judges the results of one stage, and holds back a batch that failed alike.

    Args:
        stage: its name.
        ask: what the stage does with a batch; waits out what is transient.
        repeatable: the stage can be asked about an article that it is done with, and changes nothing by it; only then
            is there a witness.
        enabled: else all results are let through.
        sleep: waits for so many seconds; tests replace it.
    """

    def __init__(
        self,
        stage: str,
        ask: Callable[[Sequence[Item]], Awaitable[list[Result]]],
        *,
        repeatable: bool,
        enabled: bool = True,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._stage = stage
        self._ask = ask
        self._repeatable = repeatable
        self._enabled = enabled
        self._sleep = sleep
        self._sample: list[str | None] = []
        self._witness: Item | None = None
        self._pause = _SHORTEST_PAUSE
        self._cause: str | None = None

    @property
    def fault(self) -> str | None:
        """What opened the breaker; None while it is closed."""
        return self._cause and f"everything fails alike: {self._cause}"

    async def settled(self, batch: Sequence[Item], results: list[Result]) -> list[Result]:
        """The results of a batch, when there is reason to believe that its failures are its own; waits until then."""
        if not self._enabled or not self._in_doubt(batch, results):
            return results
        suspects = [item for item, result in zip(batch, results, strict=True) if _cause(result) is not None]
        for number in count():
            await self._sleep(self._pause)
            self._pause = min(_LONGEST_PAUSE, 2 * self._pause)
            if self.fault is None:  # other articles went through meanwhile
                return await self.settled(batch, await self._ask(batch))
            if await self._goes_through(suspects[number % len(suspects)]):
                results = await self._ask(batch)
                self._in_doubt(batch, results)
                break
            if self._witness is not None and await self._goes_through(self._witness):
                break
        return results

    async def _goes_through(self, item: Item) -> bool:
        (result,) = await self._ask([item])
        return not isinstance(result, Rejection)

    def _in_doubt(self, batch: Sequence[Item], results: Sequence[Result]) -> bool:
        """Take the results into account; says whether the stage is to blame for them, as far as can be told."""
        causes: list[str | None] = []
        for item, result in zip(batch, results, strict=True):
            if not isinstance(result, Rejection):
                causes.append(None)
                self._witness = item if self._repeatable else None
            elif (
                result.cause is not None
            ):  # else the message itself is wrong, which says nothing of the stage
                causes.append(result.cause)
        if not causes:
            return False
        if self._cause is not None:
            return _alike(causes) is not None or self._close()
        self._sample += causes
        if len(self._sample) < _SAMPLE:
            return False
        sample, self._sample = self._sample, []
        cause = _alike(sample)
        return cause is not None and self._open(cause, len(sample))

    def _open(self, cause: str, articles: int) -> bool:
        self._cause = cause
        metrics.BREAKER_OPEN.labels(self._stage).set(1)
        log.error(
            "%s: %d articles in a row fail alike: %s. That is the release or its installation, not the articles: "
            "the stage stops, nothing of them is acknowledged, and one is tried now and then "
            "(docs/runbook.md, PipelineBreakerOpen)",
            self._stage,
            articles,
            cause,
        )
        return True

    def _close(self) -> bool:
        log.warning("%s: articles go through again", self._stage)
        metrics.BREAKER_OPEN.labels(self._stage).set(0)
        self._cause, self._pause = None, _SHORTEST_PAUSE
        return False


def _cause(result: object) -> str | None:
    return result.cause if isinstance(result, Rejection) else None


def _alike(causes: Sequence[str | None]) -> str | None:
    """The cause that all but a few have in common."""
    ((cause, number),) = Counter(causes).most_common(1)
    return cause if number >= _ALIKE * len(causes) else None
