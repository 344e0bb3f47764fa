"""Where in the log each version was first seen. Not known of what is stored already.

Revision ID: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from pipeline.stores.sql.columns import UtcTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, all null."""
    for table in ("articles", "superseded_versions"):
        op.add_column(table, sa.Column("log", sa.Text))
        op.add_column(table, sa.Column("log_offset", sa.BigInteger))
        op.add_column(table, sa.Column("appended_at", UtcTime))
