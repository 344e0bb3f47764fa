"""How Faust is set up: one app, one agent and one consumer group a stage."""

from __future__ import annotations

from functools import partial
from typing import Any

import faust
from faust.auth import SASLCredentials, SSLCredentials
from faust.sensors import Monitor
from faust.tables.manager import TableManager
from yarl import URL

from pipeline.kafka.admin import ssl_context
from pipeline.kafka.recordbatches import limits
from pipeline.kafka.topics import topic_name
from pipeline.settings import Settings
from pipeline.stream.commits import FinishedOffsetsConsumer, Refuse
from pipeline.stream.intake import Intake
from pipeline.stream.processor import Processor
from pipeline.stream.records import read_without_raising
from pipeline.stream.resumption import Resumer

_NEVER_SECONDS = 86_400.0
_COMMIT_SECONDS = 1.0
_METADATA_MILLISECONDS = 5_000  # in which a topic that was away is found again; by default minutes
_BATCHES = 4  # so many are taken in before they are worked on, in bytes


class _Monitor(Monitor):  # type: ignore[misc]
    """Faust's own, but for what it notes of each message: pipeline.watch.metrics counts batches."""

    def on_message_in(self, *_: Any) -> None:
        """See Monitor."""

    def on_stream_event_in(self, *_: Any) -> None:
        """See Monitor."""

    def on_stream_event_out(self, *_: Any) -> None:
        """See Monitor."""

    def on_message_out(self, *_: Any) -> None:
        """See Monitor."""


class _NoTables(TableManager):  # type: ignore[misc]
    """Faust's own, but for the second that it gives tables to be named in: there are none to wait for."""

    async def on_start(self) -> None:
        """See TableManager. What is called is what it calls after that second."""
        await self._update_channels()
        await self.recovery.start()


class _App(faust.App):  # type: ignore[misc]
    def _create_directories(self) -> None:
        """See App. There are no tables, so nothing is left behind on a disk."""


def stage_app(settings: Settings, processor: Processor, refuse: Refuse) -> faust.App:
    """A Faust app that feeds one processor; `refuse` is called when its worker must not go on.

    The settings that differ from Faust's defaults are each a rule: no web server, no leader topic, no topics
    of its own, no poll limit (a full buffer would make the worker leave its group for good and go on as if
    nothing were), small buffers, drain before stopping.
    """
    hop = processor.hop
    resumer = Resumer(settings, hop.stage, hop.source, hop.store)
    read_without_raising(limits(settings))
    app = _App(
        settings.group(hop.stage),
        broker=[URL(f"aiokafka://{server}") for server in settings.bootstrap_servers],
        broker_credentials=_credentials(settings),
        broker_client_id=f"{settings.group(hop.stage)}-worker",
        broker_session_timeout=settings.session_timeout_seconds,
        broker_heartbeat_interval=settings.session_timeout_seconds / 4,
        broker_request_timeout=max(40.0, settings.session_timeout_seconds + 5),
        broker_max_poll_interval=_NEVER_SECONDS,
        broker_commit_interval=_COMMIT_SECONDS,
        consumer_auto_offset_reset="none",  # an offset out of range is looked into, never skipped: see commits.py
        consumer_metadata_max_age_ms=_METADATA_MILLISECONDS,
        consumer_max_fetch_size=settings.max_message_bytes * 2,
        producer_acks=-1,
        stream_buffer_maxsize=2 * settings.batch_size,
        stream_wait_empty=True,
        stream_processing_timeout=_NEVER_SECONDS,
        processing_guarantee="at_least_once",
        topic_allow_declare=False,
        topic_disable_leader=True,
        table_standby_replicas=0,
        web_enabled=False,
        store="memory://",
        autodiscover=False,
        Monitor=_Monitor,
        TableManager=_NoTables,
    )
    intake = Intake(_BATCHES * settings.batch_bytes)
    app.transport.Consumer = partial(FinishedOffsetsConsumer, processor, resumer, intake, refuse)
    topic = app.topic(
        topic_name(settings, hop.source),
        key_type=bytes,
        value_type=bytes,
        key_serializer="raw",
        value_serializer="raw",
    )
    app.agent(topic, name=f"{hop.stage}", concurrency=1)(processor.run)

    async def assigned(*_: Any, **__: Any) -> None:
        processor.assigned_anew()

    async def revoked(*_: Any, **__: Any) -> None:
        processor.revoked()

    app.on_partitions_assigned.connect(assigned, weak=False)
    app.on_partitions_revoked.connect(revoked, weak=False)
    return app


def _credentials(settings: Settings) -> Any:
    context = ssl_context(settings)
    if settings.sasl_password and settings.sasl_mechanism:
        return SASLCredentials(
            username=settings.sasl_username,
            password=settings.sasl_password.get_secret_value(),
            ssl_context=context,
            mechanism=settings.sasl_mechanism.value,
        )
    return SSLCredentials(context) if context else None
