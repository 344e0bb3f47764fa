"""The hops of the stream: what each stage reads, does and sends on.

news.raw ─ duplicates ─▶ news.deduplicated ─ entities ─▶ news.with-entities ─ quotes ─▶ news.enriched ─ sink ─▶ store
               └─ exact ──────────────────────────────────────────────────────────────────▶ │
               └─ merges ─▶ news.clusters
                                                                                 news.alerts ◀─ answers ─┘
whatever can't be processed, from any stage, with its bytes ─▶ news.dead-letter
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from pipeline.errors import PermanentError, Reason, TransientError
from pipeline.execution.pool import StagePool
from pipeline.flow import Step
from pipeline.kafka.topics import topic_name
from pipeline.record import Article, EnrichedArticle, LogPosition, schema_header
from pipeline.record.codec import decode_record, encode
from pipeline.settings import Settings
from pipeline.sources import Limits
from pipeline.sources.messages import article_in, in_a_language
from pipeline.stages.base import Rejection, Stage, begun
from pipeline.stages.isolation import Sifted, sifted
from pipeline.stores.base import UNKNOWN_LANGUAGE, Store
from pipeline.stream.alerting import Alerting
from pipeline.stream.incoming import Incoming
from pipeline.stream.outbox import Outgoing
from pipeline.stream.processor import Done, Hop
from pipeline.watch import metrics

T = TypeVar("T")

_RECORD = schema_header("record")
_MERGE = schema_header("cluster-merge")
_ALERT = schema_header("alert")


def ordered(settings: Settings, step: Step, stage: Stage, observe: Callable[[str], None]) -> Hop:
    """A stage that sees the stream in its order: articles in; records out, each to where its outcome leads.

    Args:
        settings: limits and names of topics.
        step: its place.
        stage: what is asked.
        observe: is told the outcome of each record.
    """
    onward = {outcome: topic_name(settings, topic) for outcome, topic in step.writes.items() if topic}
    announced = topic_name(settings, step.announces) if step.announces else ""

    def done(record: EnrichedArticle) -> Done:
        outcome = stage.outcome(record)
        observe(outcome)
        key = record.article.article_id.encode()
        return Done(outcome, Outgoing(onward[outcome], key, encode(record), (_RECORD,)))

    def work(batch: Sequence[Incoming]) -> list[Done | Rejection]:
        taken = sifted(lambda message: begun(_accepted(settings, message)), batch)
        judged = Sifted[EnrichedArticle](stage(taken.good) if taken.good else ())
        results = [*taken.with_results(judged.with_results(map(done, judged.good)))]
        for at, result in enumerate(results):
            if announced and isinstance(result, Done):  # there is nothing to tell where nothing was judged
                outgoing = tuple(
                    Outgoing(announced, key, value, (_MERGE,)) for key, value in stage.announcements()
                )
                results[at] = replace(result, told=outgoing)
                break
        return results

    return Hop(step, _in_thread(work), prepare=stage.warm_up)


def pooled(settings: Settings, step: Step, pool: StagePool) -> Hop:
    """A stage that computes: records in, records with more in them out."""
    (outcome,) = step.writes
    topic = topic_name(settings, step.topics[0])

    def work(batch: Sequence[Incoming]) -> list[Done | Rejection]:
        results = pool.run(step.name, [message.value for message in batch])
        return [
            result
            if isinstance(result, Rejection)
            else Done(outcome, Outgoing(topic, message.key or b"", result, (_RECORD,)))
            for message, result in zip(batch, results, strict=True)
        ]

    return Hop(step, _in_thread(work), steps=lambda: pool.steps(step.name))


def sink(settings: Settings, step: Step, store: Store, alerting: Alerting | None) -> Hop:
    """Records in; rows of the store out, durable when `work` returns, and what they answer told."""
    stored = next(iter(step.writes))
    announced = topic_name(settings, step.announces) if step.announces else ""

    def told(records: Sequence[EnrichedArticle]) -> tuple[Outgoing, ...]:
        if alerting is None:
            return ()
        alerts = alerting.answered(records)
        return tuple(
            Outgoing(announced, alert.alert_id.encode(), encode(alert), (_ALERT,)) for alert in alerts
        )

    def write(placed: Sequence[tuple[EnrichedArticle, LogPosition | None]]) -> list[Done | Rejection]:
        records = [record for record, _ in placed]
        try:
            with metrics.SINK_WRITE_DURATION.time():
                written = store.write(records, [position for _, position in placed])
        except TransientError:
            metrics.SINK_WRITE_ERRORS.inc()
            raise
        now = time.time()
        kept = [index for index in range(len(records)) if index not in written.rejections]
        messages = told([records[index] for index in kept]) if kept else ()
        for index in kept:
            _observe(records[index], now)
        results = [written.rejections.get(index) or Done(stored) for index in range(len(records))]
        if kept:
            results[kept[0]] = Done(stored, told=messages)
        return results

    def work(batch: Sequence[Incoming]) -> list[Done | Rejection]:
        placed = sifted(lambda message: (decode_record(message.value), message.position), batch)
        return placed.with_results(write(placed.good) if placed.good else ())

    return Hop(step, _in_thread(work))


def _accepted(settings: Settings, message: Incoming) -> Article:
    """The article of a raw message, within the limits and under its own key."""
    if len(message.value or b"") > settings.max_message_bytes:
        raise PermanentError(Reason.TOO_LARGE, f"a message of over {settings.max_message_bytes} bytes")
    limits = Limits(max_article_bytes=settings.max_article_bytes)
    article = article_in(message.value, key=message.key, timestamp=message.timestamp, limits=limits)
    if message.key is not None and message.key != article.article_id.encode():
        raise PermanentError(Reason.WRONG_SCHEMA, "the message's key is not its article_id")
    if len(article.text.encode()) > settings.max_article_bytes:
        raise PermanentError(Reason.TOO_LARGE, f"a text of over {settings.max_article_bytes} bytes")
    return in_a_language(article)


def _observe(record: EnrichedArticle, now: float) -> None:
    article = record.article
    metrics.EVENT_TO_SINK.observe(max(0.0, now - article.ingested_at.timestamp()))
    metrics.ARTICLES_BY_SOURCE.labels(metrics.SOURCE_LABEL(article.source)).inc()
    metrics.ARTICLES_BY_LANGUAGE.labels(metrics.LANGUAGE_LABEL(article.language or UNKNOWN_LANGUAGE)).inc()
    for entity in record.entities:
        metrics.ENTITIES_FOUND.labels(entity.type).inc()
    for quote in record.quotes:
        metrics.QUOTES_FOUND.labels(quote.kind, quote.speaker.resolved_by if quote.speaker else "none").inc()


def _in_thread(
    work: Callable[[Sequence[Incoming]], list[Done | Rejection]],
) -> Callable[[Sequence[Incoming]], asyncio.Future[list[Done | Rejection]]]:
    """Keep the event loop free for heartbeats while the work blocks."""

    def run(batch: Sequence[Incoming]) -> asyncio.Future[list[Done | Rejection]]:
        return asyncio.ensure_future(asyncio.to_thread(work, batch))

    return run
