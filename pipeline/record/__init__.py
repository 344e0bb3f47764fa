"""What flows: articles, what is found in them, dead letters; bytes to records and back."""

from pipeline.record.alerts import Alert, Said, alert_id
from pipeline.record.article import Article, effective_time
from pipeline.record.base import SCHEMA_VERSION, Model, Span, UtcTime
from pipeline.record.clusters import ClusterMerge
from pipeline.record.deadletter import ATTEMPTS_HEADER, DeadLetter, Omission
from pipeline.record.envelope import EnrichedArticle, Provenance
from pipeline.record.findings import (
    ENTITY_TYPES,
    PLACE_TYPES,
    Duplicate,
    Entity,
    Polarity,
    Quote,
    QuoteKind,
    Relation,
    ResolvedBy,
    Speaker,
    Verdict,
)
from pipeline.record.headers import SCHEMA_HEADER, Header, TraceContext, schema_header
from pipeline.record.position import POSITION_HEADER, LogPosition
from pipeline.record.statements import BETWEEN_PIECES, Statement, context_of, statements_of

__all__ = [
    "ATTEMPTS_HEADER",
    "BETWEEN_PIECES",
    "ENTITY_TYPES",
    "PLACE_TYPES",
    "POSITION_HEADER",
    "SCHEMA_HEADER",
    "SCHEMA_VERSION",
    "Alert",
    "Article",
    "ClusterMerge",
    "DeadLetter",
    "Duplicate",
    "EnrichedArticle",
    "Entity",
    "Header",
    "LogPosition",
    "Model",
    "Omission",
    "Polarity",
    "Provenance",
    "Quote",
    "QuoteKind",
    "Relation",
    "ResolvedBy",
    "Said",
    "Span",
    "Speaker",
    "Statement",
    "TraceContext",
    "UtcTime",
    "Verdict",
    "alert_id",
    "context_of",
    "effective_time",
    "schema_header",
    "statements_of",
]
