"""Every metric, declared once. Base units, bounded labels, never an id as a label."""

from __future__ import annotations

from collections.abc import Collection

from prometheus_client import Counter, Gauge, Histogram, Info, disable_created_metrics

from pipeline.errors import Reason
from pipeline.flow import Step
from pipeline.kafka.offsets import LogFault
from pipeline.record import Verdict
from pipeline.watch.labels import FewLabels

disable_created_metrics()  # type: ignore[no-untyped-call] # a third of the page, and nobody asks for it

MESSAGES = Counter(
    "pipeline_messages",
    "Messages a stage is done with, by outcome: each exactly once.",
    ["stage", "outcome"],
)
STAGE_DURATION = Histogram(
    "pipeline_stage_duration_seconds",
    "Time from taking a batch to its outputs being acknowledged.",
    ["stage"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
)
BATCH_MESSAGES = Histogram(
    "pipeline_batch_messages",
    "Messages in a batch.",
    ["stage"],
    buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024),
)
EVENT_TO_SINK = Histogram(
    "pipeline_event_to_sink_seconds",
    "Time from an article's ingest to its record being durable in the store.",
    buckets=(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600),
)
DEAD_LETTERS = Counter("pipeline_dead_letters", "Messages dead-lettered.", ["stage", "reason"])
DEAD_LETTERS_OPEN = Gauge(
    "pipeline_dead_letters_open", "Dead letters that nobody has re-driven or discarded yet.", ["reason"]
)
RETRIES = Counter(
    "pipeline_retries", "Attempts that met a transient fault and are made again.", ["stage", "operation"]
)
BREAKER_OPEN = Gauge(
    "pipeline_breaker_open",
    "1 while a stage fails on everything alike and has stopped, rather than dead-letter the stream.",
    ["stage"],
)
PARKED_PARTITIONS = Gauge(
    "pipeline_parked_partitions",
    "Partitions that a stage takes nothing more of: a record there needs a later version of the program.",
    ["stage"],
)
LAST_SUCCESS = Gauge(
    "pipeline_last_success_timestamp_seconds", "When a stage last finished a batch, as Unix time.", ["stage"]
)
REBALANCES = Counter("pipeline_rebalances", "Times a stage's partitions were assigned anew.", ["stage"])

FEED_LOOKS = Counter(
    "pipeline_feed_looks", "Looks at a feed of `pipeline watch --feeds`, by outcome.", ["feed", "outcome"]
)
FEED_ITEMS = Counter(
    "pipeline_feed_items", "New items of a feed, accepted by the broker or skipped.", ["feed", "outcome"]
)
FEED_LAST_SUCCESS = Gauge(
    "pipeline_feed_last_success_timestamp_seconds", "When a feed last answered well, as Unix time.", ["feed"]
)

CONSUMER_LAG = Gauge(
    "pipeline_consumer_lag_messages",
    "The broker's end offset minus the committed offset.",
    ["group", "topic", "partition"],
)
COMMITTED_OFFSET = Gauge(
    "pipeline_committed_offset",
    "The next offset the group will read after a restart.",
    ["group", "topic", "partition"],
)
LOG_FAULTS = Counter(
    "pipeline_log_faults",
    "Partitions that were found to be another log than was read (made-anew), cut off (truncated), or to have deleted "
    "messages unread (expired).",
    ["stage", "fault"],
)
LOST_MESSAGES = Gauge(
    "pipeline_lost_messages",
    "Messages that retention deleted before the group had read them.",
    ["group", "topic", "partition"],
)
LAG_READ = Gauge(
    "pipeline_lag_read_timestamp_seconds",
    "When the lag was last read from the brokers, as Unix time; 0 before.",
)

ARTICLES_BY_SOURCE = Counter(
    "pipeline_articles_by_source",
    "Records stored, by outlet: the first hundred of a process, the rest as one.",
    ["source"],
)
ARTICLES_BY_LANGUAGE = Counter("pipeline_articles_by_language", "Records stored, by language.", ["language"])
SOURCE_LABEL, LANGUAGE_LABEL = FewLabels(100), FewLabels(50)
"""How the labels of these two are bounded."""
VERDICTS = Counter(
    "pipeline_duplicates", "Articles by what they are to the articles before them.", ["verdict"]
)
INDEXED_ARTICLES = Gauge("pipeline_duplicate_index_articles", "Articles in the duplicate index.")
ENTITIES_FOUND = Counter("pipeline_entities", "Entities in stored records.", ["type"])
QUOTES_FOUND = Counter("pipeline_quotes", "Quotes in stored records.", ["kind", "speaker"])
STAGE_EVENTS = Counter(
    "pipeline_stage_events", "What a stage counts of its own work, such as cache hits.", ["stage", "event"]
)
POOL_PROCESSES = Gauge("pipeline_pool_processes", "Processes in the pool.")
POOL_BUSY = Gauge("pipeline_pool_busy_processes", "Processes of the pool that are at work.")
POOL_RESTARTS = Counter("pipeline_pool_restarts", "Processes of the pool that died or were ended.", ["cause"])
SINK_WRITE_DURATION = Histogram(
    "pipeline_sink_write_seconds",
    "Time of one transaction of the sink.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
SINK_WRITE_ERRORS = Counter(
    "pipeline_sink_write_errors", "Transactions of the sink that failed and are tried again."
)
QUESTIONS = Gauge("pipeline_questions", "Standing questions that this sink asks of each article.")
QUESTIONS_DURATION = Histogram(
    "pipeline_questions_seconds",
    "Time that the standing questions take of a batch of the sink, with keeping what answers them.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
ALERTS = Counter("pipeline_alerts", "Answers to standing questions that are new.")
ALERTS_LOST = Counter(
    "pipeline_alerts_lost", "Articles of which a defect kept the standing questions from being asked."
)
WEBHOOK_DELIVERIES = Counter(
    "pipeline_webhook_deliveries",
    "Alerts sent to webhooks, by outcome; given-up: not sent any more.",
    ["outcome"],
)
WEBHOOK_ALERTS = Gauge(
    "pipeline_webhook_alerts",
    "Alerts that are not with their webhooks: due, or failed for good.",
    ["delivery"],
)
READY = Gauge("pipeline_ready", "1 when the stage has its partitions and is not rebalancing.", ["stage"])
BUILD_INFO = Info("pipeline_build", "What is running.")


def start_at_zero(steps: Collection[Step]) -> None:
    """Make the series that count faults and verdicts before there are any.

    `increase` and `rate` see what was added to a series, not its first value: without this the first dead
    letter of a worker would be missed by the alerts.
    """
    for step in steps:
        stage = step.name
        for outcome in (*step.writes, "dead_letter"):
            MESSAGES.labels(stage, outcome)
        for verdict in (outcome for outcome in step.writes if isinstance(outcome, Verdict)):
            VERDICTS.labels(verdict)
        for reason in Reason:
            DEAD_LETTERS.labels(stage, reason)
        for operation in ("prepare", "work", "send"):
            RETRIES.labels(stage, operation)
        REBALANCES.labels(stage)
        for fault in LogFault:
            LOG_FAULTS.labels(stage, fault)
        BREAKER_OPEN.labels(stage)
        PARKED_PARTITIONS.labels(stage)
        if step.announces:
            RETRIES.labels(stage, "tell")
    for cause in ("timeout", "died"):
        POOL_RESTARTS.labels(cause)
