"""The tables. docs/store.md describes them; `migrations/` makes them.

`time` is when an article counts as published: its own date, or the time of ingest when it has none or one in
the future. Entities, aliases and quotes repeat it, so that their indexes answer "the latest of …" alone.
`extra` keeps the fields that have no column (see mapping.py).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

from pipeline.stores.sql.columns import Json, Name, RowNumber, UtcTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _of_an_article() -> Column[str]:
    return Column("article_id", Name, ForeignKey("articles.article_id", ondelete="CASCADE"), nullable=False)


def _position() -> tuple[Column[Any], ...]:
    """Where in the log a version was first seen; all null where that is not known."""
    return Column("log", Text), Column("log_offset", BigInteger), Column("appended_at", UtcTime)


def position_columns(table: Table) -> tuple[Column[Any], ...]:
    """Those columns of a table that has them."""
    return table.c.log, table.c.log_offset, table.c.appended_at


articles = Table(
    "articles",
    metadata,
    Column("article_id", Name, primary_key=True),
    Column("source", Text, nullable=False),
    Column("url", Text),
    Column("title", Text),
    Column("text", Text, nullable=False),
    Column("language", Text),
    Column("published_at", UtcTime),
    Column("ingested_at", UtcTime, nullable=False),
    Column("authors", Json, nullable=False, server_default="[]"),
    Column("section", Text),
    Column("time", UtcTime, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("cluster_id", Name, nullable=False),
    Column("duplicate_of", Name),
    Column("relation", Text),
    Column("jaccard", Double),
    Column("containment", Double),
    Column("schema_version", SmallInteger, nullable=False),
    Column("pipeline_version", Text, nullable=False),
    Column("entity_model", Text),
    Column("version_hash", LargeBinary, nullable=False),
    Column("record_hash", LargeBinary, nullable=False),
    *_position(),
    Column("extra", Json),
    # What few have is found in it alone. Time comes first: SQLite would look for copies by `verdict` else.
    Index(None, "time", "verdict", "language"),
    Index(None, "ingested_at"),
    Index(None, "source", "time"),
    Index(None, "cluster_id"),
    Index(None, "duplicate_of"),
    Index(None, "url"),
)

superseded_versions = Table(
    "superseded_versions",
    metadata,
    _of_an_article(),
    Column("version_hash", LargeBinary, nullable=False),
    *_position(),
    PrimaryKeyConstraint("article_id", "version_hash"),
    sqlite_with_rowid=False,
)

entities = Table(
    "entities",
    metadata,
    _of_an_article(),
    Column("position", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("country", Text),
    Column("geonames_id", BigInteger),
    Column("latitude", Double),
    Column("longitude", Double),
    Column("title", Text),
    Column("role", Text),
    Column("key", Name, nullable=False),
    Column("mention_count", Integer, nullable=False),
    Column("time", UtcTime, nullable=False),
    Column("extra", Json),
    PrimaryKeyConstraint("article_id", "position"),
    Index(None, "key", "time"),
    Index(None, "time", "type", "key"),
    sqlite_with_rowid=False,
)

aliases = Table(
    "aliases",
    metadata,
    _of_an_article(),
    Column("alias", Name, nullable=False),
    Column("key", Name, nullable=False),
    PrimaryKeyConstraint("article_id", "alias", "key"),
    Index(None, "alias", "key"),
    Index(None, "key", "alias"),
    sqlite_with_rowid=False,
)
"""By which other names an article calls an entity: what it is called there in short, and a person's surname."""

curated_aliases = Table(
    "curated_aliases",
    metadata,
    Column("alias", Name, nullable=False),
    Column("key", Name, nullable=False),
    Column("name", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("is_same", Boolean, nullable=False),
    PrimaryKeyConstraint("alias", "key"),
    Index(None, "key"),
    sqlite_with_rowid=False,
)
"""What somebody said of an alias: that it stands for an entity (of this `name`), or that it does not."""

mentions = Table(
    "mentions",
    metadata,
    _of_an_article(),
    Column("entity", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    Column("span_start", Integer, nullable=False),
    Column("span_end", Integer, nullable=False),
    Column("text", Text, nullable=False),
    PrimaryKeyConstraint("article_id", "entity", "position"),
    sqlite_with_rowid=False,
)

quotes = Table(
    "quotes",
    metadata,
    Column("id", RowNumber, Identity(), primary_key=True),
    _of_an_article(),
    Column("position", Integer, nullable=False),
    Column("span_start", Integer, nullable=False),
    Column("span_end", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("statement", Text),
    Column("polarity", Text, nullable=False, server_default="asserted"),
    Column("confidence", Double, nullable=False),
    Column("speaker_name", Text),
    Column("speaker_key", Name),
    Column("speaker_start", Integer),
    Column("speaker_end", Integer),
    Column("speaker_text", Text),
    Column("resolved_by", Text),
    Column("cue_start", Integer),
    Column("cue_end", Integer),
    Column("cue_text", Text),
    Column("words_hash", LargeBinary, nullable=False),
    Column("context", Text, nullable=False),
    Column("time", UtcTime, nullable=False),
    Column("extra", Json),
    UniqueConstraint("article_id", "position"),
    Index(None, "speaker_key", "time"),
    Index(None, "time", "id", "polarity", "kind", "confidence"),  # what few have is found in it alone
    Index(None, "words_hash"),
    sqlite_autoincrement=True,  # the search index may outlive a row, so no id is given twice
)

co_speakers = Table(
    "co_speakers",
    metadata,
    _of_an_article(),
    Column("position", Integer, nullable=False),
    Column("speaker_key", Name, nullable=False),
    PrimaryKeyConstraint("article_id", "position", "speaker_key"),
    Index(None, "speaker_key"),
    sqlite_with_rowid=False,
)
"""Who speaks in a quote beside the first, for searches; the records themselves stand in the quote's `extra`."""

stage_annotations = Table(
    "annotations",
    metadata,
    _of_an_article(),
    Column("stage", Name, nullable=False),
    Column("value", Json, nullable=False),
    PrimaryKeyConstraint("article_id", "stage"),
    sqlite_with_rowid=False,
)

duplicate_state = Table(
    "duplicate_state",
    metadata,
    Column("seq", RowNumber, Identity(), primary_key=True),
    Column("article_id", Name, nullable=False),
    Column("content_hash", LargeBinary, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("cluster_id", Name, nullable=False),
    Column("duplicate_of", Name),
    Column("relation", Text),
    Column("jaccard", Double),
    Column("containment", Double),
    Column("time", UtcTime, nullable=False),
    Column("sketch", LargeBinary, nullable=False),
    Column("source", Text),
    Column("url", Text),
    UniqueConstraint("article_id", "content_hash"),
    Index(None, "time"),
    Index(None, "duplicate_of"),
    sqlite_autoincrement=True,
)

cluster_merges = Table(
    "cluster_merges",
    metadata,
    Column("loser", Name, primary_key=True),
    Column("winner", Name, nullable=False),
    Index(None, "winner"),
    sqlite_with_rowid=False,
)

forgotten = Table(
    "forgotten",
    metadata,
    Column("article_id", Name, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("why", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""What was removed on purpose, and must not come back."""

feed_states = Table(
    "feed_states",
    metadata,
    Column("feed", Name, primary_key=True),
    Column("state", Json, nullable=False),
    sqlite_with_rowid=False,
)

feed_items = Table(
    "feed_items",
    metadata,
    Column("feed", Name, nullable=False),
    Column("item", Name, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    PrimaryKeyConstraint("feed", "item"),
    sqlite_with_rowid=False,
)

questions = Table(
    "questions",
    metadata,
    Column("id", Name, primary_key=True),
    Column("question", Json, nullable=False),
    Column("mark", BigInteger, nullable=False),
    Index(None, "mark"),
    sqlite_with_rowid=False,
)
"""`mark` is another one after every change, by which workers see that there was one."""

alerts = Table(
    "alerts",
    metadata,
    Column("question_id", Name, ForeignKey("questions.id", ondelete="CASCADE"), nullable=False),
    Column("about", Name, nullable=False),
    Column("alert_id", Name, nullable=False),
    _of_an_article(),
    Column("story", Name, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("alert", Json, nullable=False),
    Column("webhook", Text),
    Column("delivery", Text),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("waiting_since", UtcTime),
    Column("due_at", UtcTime),
    Column("problem", Text),
    PrimaryKeyConstraint("question_id", "about"),
    UniqueConstraint("alert_id"),
    Index(None, "article_id"),
    Index(None, "about"),
    Index(None, "story"),
    Index(None, "at", "alert_id"),
    Index(None, "question_id", "at"),
    Index(None, "delivery", "webhook", "due_at"),
    sqlite_with_rowid=False,
)
"""What answered questions: `about` is the story, or the article where a question wants every copy."""

webhooks = Table(
    "webhooks",
    metadata,
    Column("address", Name, primary_key=True),
    Column("due_at", UtcTime, nullable=False),
    Column("failures", Integer, nullable=False, server_default="0"),
    sqlite_with_rowid=False,
)
"""When each may be told of something again, and how often in a row it could not be."""

store_identities = Table(
    "store_identities",
    metadata,
    Column("id", Text, primary_key=True),
)
