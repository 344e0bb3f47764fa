"""The hops of the stream: what each stage reads, does and sends on.

news.raw ─ duplicates ─▶ news.deduplicated ─ entities ─▶ news.with-entities ─ quotes ─▶ news.enriched ─ sink ─▶ store
                └──────────────── exact copies ────────────────────────────────────────────▶ │
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from pipeline import __version__
from pipeline.errors import PermanentError, Reason, TransientError
from pipeline.execution.pool import StagePool
from pipeline.kafka.topics import STAGES, Topic, topic_name
from pipeline.record import Article, Duplicate, EnrichedArticle, LogPosition, Provenance, Verdict
from pipeline.record.codec import decode_article, decode_record, encode
from pipeline.settings import Settings
from pipeline.sources.language import detect
from pipeline.stages.base import Rejection
from pipeline.stages.duplicates import Deduplicator
from pipeline.stores.base import Store
from pipeline.stream.outbox import Outgoing
from pipeline.stream.processor import Done, Hop, Incoming
from pipeline.watch import metrics

T = TypeVar("T")


def duplicates(settings: Settings, deduplicator: Deduplicator) -> Hop:
    """Raw articles in; records with a verdict out, exact copies straight to the end."""
    onward = {verdict: topic_name(settings, Topic.DEDUPLICATED) for verdict in Verdict}
    onward[Verdict.EXACT] = topic_name(settings, Topic.ENRICHED)

    def record(article: Article, duplicate: Duplicate) -> Done:
        enriched = EnrichedArticle(
            article=article, duplicate=duplicate, provenance=Provenance(pipeline_version=__version__)
        )
        key = article.article_id.encode()
        metrics.VERDICTS.labels(duplicate.verdict).inc()
        return Done(duplicate.verdict, Outgoing(onward[duplicate.verdict], key, encode(enriched)))

    def work(batch: Sequence[Incoming]) -> list[Done | Rejection]:
        def decode(message: Incoming) -> Article:
            return _accepted(settings, message)

        def decide(articles: Sequence[Article]) -> list[Done | Rejection]:
            verdicts = deduplicator.decide(articles)
            metrics.INDEXED_ARTICLES.set(len(deduplicator))
            return [
                verdict if isinstance(verdict, Rejection) else record(article, verdict)
                for article, verdict in zip(articles, verdicts, strict=True)
            ]

        return _on_the_good_ones(batch, decode, decide)

    return Hop(
        "duplicates",
        STAGES["duplicates"],
        _in_thread(work),
        prepare=lambda: metrics.INDEXED_ARTICLES.set(deduplicator.load(datetime.now(UTC))),
    )


def pooled(settings: Settings, stage: str, pool: StagePool, onward: Topic) -> Hop:
    """A stage that computes: records in, records with more in them out."""
    topic = topic_name(settings, onward)

    def work(batch: Sequence[Incoming]) -> list[Done | Rejection]:
        results = pool.run(stage, [message.value for message in batch])
        return [
            result
            if isinstance(result, Rejection)
            else Done("done", Outgoing(topic, message.key or b"", result))
            for message, result in zip(batch, results, strict=True)
        ]

    # Two batches, so that no process is idle while the last part of one is awaited.
    return Hop(
        stage, STAGES[stage], _in_thread(work), steps=lambda: pool.steps(stage), together=2, repeatable=True
    )


def sink(store: Store) -> Hop:
    """Records in; rows of the store out, durable when `work` returns."""

    def write(placed: Sequence[tuple[EnrichedArticle, LogPosition | None]]) -> list[Done | Rejection]:
        records = [record for record, _ in placed]
        try:
            with metrics.SINK_WRITE_DURATION.time():
                written = store.write(records, [position for _, position in placed])
        except TransientError:
            metrics.SINK_WRITE_ERRORS.inc()
            raise
        now = time.time()
        results: list[Done | Rejection] = []
        for index, record in enumerate(records):
            rejection = written.rejections.get(index)
            if rejection is None:
                _observe(record, now)
            results.append(rejection or Done("stored"))
        return results

    return Hop(
        "sink",
        STAGES["sink"],
        _in_thread(
            lambda batch: _on_the_good_ones(
                batch, lambda message: (decode_record(message.value), message.position), write
            )
        ),
    )


def _accepted(settings: Settings, message: Incoming) -> Article:
    """The article of a raw message, within the limits and under its own key."""
    if len(message.value or b"") > settings.max_message_bytes:
        raise PermanentError(Reason.TOO_LARGE, f"a message of over {settings.max_message_bytes} bytes")
    article = decode_article(message.value)
    if message.key is not None and message.key != article.article_id.encode():
        raise PermanentError(Reason.WRONG_SCHEMA, "the message's key is not its article_id")
    if len(article.text.encode()) > settings.max_article_bytes:
        raise PermanentError(Reason.TOO_LARGE, f"a text of over {settings.max_article_bytes} bytes")
    if article.language is None:  # from a program that does not say; without it no stage would read the text
        article = article.model_copy(update={"language": detect(article.text)})
    return article


def _observe(record: EnrichedArticle, now: float) -> None:
    metrics.EVENT_TO_SINK.observe(max(0.0, now - record.article.ingested_at.timestamp()))
    for entity in record.entities:
        metrics.ENTITIES_FOUND.labels(entity.type).inc()
    for quote in record.quotes:
        metrics.QUOTES_FOUND.labels(quote.kind, quote.speaker.resolved_by if quote.speaker else "none").inc()


def _on_the_good_ones(
    batch: Sequence[Incoming],
    decode: Callable[[Incoming], T],
    work: Callable[[Sequence[T]], list[Done | Rejection]],
) -> list[Done | Rejection]:
    """Decode each message; do the work on those that could be; results in the order of the batch."""
    results: list[Done | Rejection | None] = []
    good: list[T] = []
    for message in batch:
        try:
            good.append(decode(message))
            results.append(None)
        except PermanentError as error:
            results.append(Rejection(error.reason, error.detail))
    done = iter(work(good) if good else ())
    return [next(done) if result is None else result for result in results]


def _in_thread(
    work: Callable[[Sequence[Incoming]], list[Done | Rejection]],
) -> Callable[[Sequence[Incoming]], asyncio.Future[list[Done | Rejection]]]:
    """Keep the event loop free for heartbeats while the work blocks."""

    def run(batch: Sequence[Incoming]) -> asyncio.Future[list[Done | Rejection]]:
        return asyncio.ensure_future(asyncio.to_thread(work, batch))

    return run
