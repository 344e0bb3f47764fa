"""What is remembered of feeds on the web: how each stands, and which items were taken.

Revision ID: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from pipeline.stores.sql.columns import Json, Name, UtcTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "feed_states",
        sa.Column("feed", Name, primary_key=True),
        sa.Column("state", Json, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "feed_items",
        sa.Column("feed", Name, nullable=False),
        sa.Column("item", Name, nullable=False),
        sa.Column("seen_at", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("feed", "item", name="pk_feed_items"),
        sqlite_with_rowid=False,
    )
