"""What every peer does with its messages: our stages and our store, so that only the framework differs.

A peer is two programs, as work that has to be in order is split from work that need not be: `duplicates` reads
the raw topic, which has one partition, and `enrich` the next one, from as many processes as are started; that
one names, quotes and stores.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from pipeline.execution.memory import spare_collections
from pipeline.flow import Topic
from pipeline.kafka.topics import topic_name
from pipeline.record import EnrichedArticle, Verdict
from pipeline.record.codec import decode_article, decode_record, encode
from pipeline.settings import Settings
from pipeline.stages.base import Rejection, begun
from pipeline.stages.chain import Chain
from pipeline.stages.duplicates import Deduplicator, DuplicateStage
from pipeline.stages.entities import EntityStage
from pipeline.stages.quotes import QuoteStage
from pipeline.stores.base import configured_store

DUPLICATES, ENRICH = "duplicates", "enrich"
MESSAGES = 64  # at once, where a peer takes several

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


class Judge:
    """Says of articles what they are to those before them. Raw messages in, messages of the next topic out."""

    def __init__(self, settings: Settings) -> None:
        self._stage = DuplicateStage(
            Deduplicator(configured_store(settings).duplicates, window=settings.window)
        )
        self._stage.warm_up()

    def __call__(self, values: Sequence[bytes]) -> list[bytes]:
        """In order; the first that can't be judged raises."""
        return [encode(whole(one)) for one in self._stage([begun(decode_article(value)) for value in values])]


class Finder:
    """Finds names and statements. Messages of the next topic in, records out; exact copies pass as they are."""

    def __init__(self, settings: Settings) -> None:
        self._stages = Chain([EntityStage.from_settings(settings), QuoteStage()])
        self._stages.warm_up()
        spare_collections()

    def __call__(self, values: Sequence[bytes]) -> list[EnrichedArticle]:
        """In order; the first that can't be read raises."""
        records = [decode_record(value) for value in values]
        found = iter(self._stages([one for one in records if one.duplicate.verdict is not Verdict.EXACT]))
        return [one if one.duplicate.verdict is Verdict.EXACT else whole(next(found)) for one in records]


class Keeper:
    """Stores records; they are durable when the call returns."""

    def __init__(self, settings: Settings) -> None:
        self._store = configured_store(settings)

    def __call__(self, records: Sequence[EnrichedArticle]) -> None:
        """Store a batch; what can't be stored raises."""
        for rejection in self._store.write(list(records)).rejections.values():
            raise RuntimeError(rejection.detail)


def whole(outcome: EnrichedArticle | Rejection) -> EnrichedArticle:
    """The record, where there is one. Raises RuntimeError with why there is none."""
    if isinstance(outcome, Rejection):
        raise RuntimeError(outcome.detail)  # noqa: TRY004 - the peers know no dead letters
    return outcome


def topics(settings: Settings) -> tuple[str, str]:
    """The names of the raw topic and of the next one."""
    return topic_name(settings, Topic.RAW), topic_name(settings, Topic.DEDUPLICATED)
