"""The records and the state of the duplicates stage.

Revision ID: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from pipeline.stores.sql.columns import Name, RowNumber, UtcTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _articles()
    _names()
    _quotes()
    _duplicates()
    if op.get_bind().dialect.name == "sqlite":
        _search_on_sqlite()
    else:
        _search_on_postgresql()


def _articles() -> None:
    op.create_table(
        "articles",
        _name("article_id"),
        _text("source"),
        _text("url", nullable=True),
        _text("title", nullable=True),
        _text("text"),
        _text("language", nullable=True),
        sa.Column("published_at", UtcTime),
        sa.Column("ingested_at", UtcTime, nullable=False),
        sa.Column("time", UtcTime, nullable=False),
        *_verdict(),
        sa.Column("schema_version", sa.SmallInteger, nullable=False),
        _text("pipeline_version"),
        _text("entity_model", nullable=True),
        sa.Column("version_hash", sa.LargeBinary, nullable=False),
        sa.Column("record_hash", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("article_id", name="pk_articles"),
    )
    op.create_index("ix_articles_time", "articles", ["time"])
    op.create_index("ix_articles_cluster_id", "articles", ["cluster_id"])
    op.create_table(
        "superseded_versions",
        *_of_an_article("superseded_versions"),
        sa.Column("version_hash", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("article_id", "version_hash", name="pk_superseded_versions"),
        sqlite_with_rowid=False,
    )


def _names() -> None:
    op.create_table(
        "entities",
        *_of_an_article("entities"),
        _number("position"),
        _text("name"),
        _text("type"),
        _text("country", nullable=True),
        _name("key"),
        _number("mention_count"),
        sa.Column("time", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("article_id", "position", name="pk_entities"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_entities_key_time", "entities", ["key", "time"])
    op.create_index("ix_entities_time_type_key", "entities", ["time", "type", "key"])
    op.create_table(
        "aliases",
        *_of_an_article("aliases"),
        _name("alias"),
        _name("key"),
        sa.PrimaryKeyConstraint("article_id", "alias", "key", name="pk_aliases"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_aliases_alias_key", "aliases", ["alias", "key"])
    op.create_table(
        "mentions",
        *_of_an_article("mentions"),
        _number("entity"),
        _number("position"),
        _number("span_start"),
        _number("span_end"),
        _text("text"),
        sa.PrimaryKeyConstraint("article_id", "entity", "position", name="pk_mentions"),
        sqlite_with_rowid=False,
    )


def _quotes() -> None:
    op.create_table(
        "quotes",
        sa.Column("id", RowNumber, sa.Identity(), nullable=False),
        *_of_an_article("quotes"),
        _number("position"),
        _number("span_start"),
        _number("span_end"),
        _text("text"),
        _text("kind"),
        sa.Column("confidence", sa.Double, nullable=False),
        _text("speaker_name", nullable=True),
        _name("speaker_key", nullable=True),
        _number("speaker_start", nullable=True),
        _number("speaker_end", nullable=True),
        _text("speaker_text", nullable=True),
        _text("resolved_by", nullable=True),
        _number("cue_start", nullable=True),
        _number("cue_end", nullable=True),
        _text("cue_text", nullable=True),
        sa.Column("words_hash", sa.LargeBinary, nullable=False),
        _text("context"),
        sa.Column("time", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_quotes"),
        sa.UniqueConstraint("article_id", "position", name="uq_quotes_article_id_position"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_quotes_speaker_key_time", "quotes", ["speaker_key", "time"])
    op.create_index("ix_quotes_time", "quotes", ["time"])
    op.create_index("ix_quotes_words_hash", "quotes", ["words_hash"])


def _duplicates() -> None:
    op.create_table(
        "duplicate_state",
        sa.Column("seq", RowNumber, sa.Identity(), nullable=False),
        _name("article_id"),
        sa.Column("content_hash", sa.LargeBinary, nullable=False),
        *_verdict(),
        sa.Column("time", UtcTime, nullable=False),
        sa.Column("sketch", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_duplicate_state"),
        sa.UniqueConstraint("article_id", "content_hash", name="uq_duplicate_state_article_id_content_hash"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_duplicate_state_time", "duplicate_state", ["time"])
    op.create_table(
        "cluster_merges",
        _name("loser"),
        _name("winner"),
        sa.PrimaryKeyConstraint("loser", name="pk_cluster_merges"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_cluster_merges_winner", "cluster_merges", ["winner"])


def _search_on_sqlite() -> None:
    # An index beside the table instead of a copy of it, without what only a ranking would need.
    op.execute(
        "CREATE VIRTUAL TABLE quotes_search USING fts5(context, content='quotes', content_rowid='id', "
        "columnsize=0, tokenize='porter unicode61 remove_diacritics 2')"
    )


def _search_on_postgresql() -> None:
    # English stems without the usual stop words: "who", "us" and "will" are names in the news.
    op.execute("CREATE TEXT SEARCH DICTIONARY news_stem (TEMPLATE = snowball, Language = english)")
    op.execute("CREATE TEXT SEARCH CONFIGURATION news (COPY = pg_catalog.english)")
    op.execute(
        "ALTER TEXT SEARCH CONFIGURATION news ALTER MAPPING FOR "
        "asciiword, word, hword, hword_part, asciihword, hword_asciipart WITH news_stem"
    )
    op.execute("CREATE INDEX ix_quotes_context ON quotes USING gin (to_tsvector('news'::regconfig, context))")


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=nullable)


def _name(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, Name, nullable=nullable)


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=nullable)


def _verdict() -> tuple[sa.Column[str] | sa.Column[float], ...]:
    return (
        _text("verdict"),
        _name("cluster_id"),
        _name("duplicate_of", nullable=True),
        sa.Column("jaccard", sa.Double),
        sa.Column("containment", sa.Double),
    )


def _of_an_article(table: str) -> tuple[sa.Column[str], sa.ForeignKeyConstraint]:
    return (
        _name("article_id"),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.article_id"], name=f"fk_{table}_articles", ondelete="CASCADE"
        ),
    )
