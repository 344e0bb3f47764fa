"""What was removed on purpose, so that it does not come back.

Revision ID: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from pipeline.stores.sql.columns import Name, UtcTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table, empty."""
    op.create_table(
        "forgotten",
        sa.Column("article_id", Name, nullable=False),
        sa.Column("at", UtcTime, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("article_id", name="pk_forgotten"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_articles_url", "articles", ["url"])
