"""What a large store needs: words kept by PostgreSQL, and indexes for what few articles or statements have.

Revision ID: 0015
"""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them. PostgreSQL writes both tables anew: some minutes for each 100,000 articles, and as much room again."""
    if op.get_bind().dialect.name == "postgresql":
        _keep_words()
    op.create_index("ix_duplicate_state_duplicate_of", "duplicate_state", ["duplicate_of"])
    op.create_index("ix_articles_time_verdict_language", "articles", ["time", "verdict", "language"])
    op.drop_index("ix_articles_time", "articles")
    op.create_index(
        "ix_quotes_time_id_polarity_kind_confidence",
        "quotes",
        ["time", "id", "polarity", "kind", "confidence"],
    )
    op.drop_index("ix_quotes_time", "quotes")


def _keep_words() -> None:
    """Beside each text, in place of cutting it into words again whenever it is compared.

    An index of words has no places, so a phrase is looked for in every text that has its words; and the planner thinks
    that to cut a text costs nothing. (SQLite's index has places.)
    """
    op.execute("DROP INDEX ix_articles_words")
    op.execute("DROP INDEX ix_quotes_context")
    # A text search vector holds at most 1 MiB, whatever the letters: so the beginning of a very long text.
    op.execute(
        "ALTER TABLE articles ADD COLUMN words tsvector "
        "GENERATED ALWAYS AS (to_tsvector('news'::regconfig, left(text, 100000))) STORED"
    )
    op.execute(
        "ALTER TABLE quotes ADD COLUMN words tsvector "
        "GENERATED ALWAYS AS (to_tsvector('news'::regconfig, context)) STORED"
    )
    op.execute("CREATE INDEX ix_articles_words ON articles USING gin (words)")
    op.execute("CREATE INDEX ix_quotes_words ON quotes USING gin (words)")
