"""Articles by the words in them, by outlet, and in the order in which they came.

Revision ID: 0011
"""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the indexes; what is stored is indexed, which takes a minute for each 100,000 articles."""
    op.create_index("ix_articles_ingested_at", "articles", ["ingested_at"])
    op.create_index("ix_articles_source_time", "articles", ["source", "time"])
    if op.get_bind().dialect.name == "sqlite":
        _on_sqlite()
    else:
        # A text search vector holds at most 1 MiB, whatever the letters: so the beginning of a very long text.
        op.execute(
            "CREATE INDEX ix_articles_words ON articles "
            "USING gin (to_tsvector('news'::regconfig, left(text, 100000)))"
        )


def _on_sqlite() -> None:
    # FTS5 knows rows by number, and those of `articles` change when the file is compacted (VACUUM).
    op.execute(
        "CREATE TABLE article_numbers (number INTEGER PRIMARY KEY AUTOINCREMENT, article_id TEXT NOT NULL UNIQUE)"
    )
    op.execute(
        "CREATE VIEW article_texts AS SELECT number, substr(text, 1, 100000) AS text "
        "FROM article_numbers JOIN articles USING (article_id)"
    )
    op.execute(
        "CREATE VIRTUAL TABLE articles_search USING fts5(text, content='article_texts', content_rowid='number', "
        "columnsize=0, tokenize='porter unicode61 remove_diacritics 2')"
    )
    op.execute("INSERT INTO article_numbers (article_id) SELECT article_id FROM articles ORDER BY article_id")
    op.execute("INSERT INTO articles_search (rowid, text) SELECT number, text FROM article_texts")
