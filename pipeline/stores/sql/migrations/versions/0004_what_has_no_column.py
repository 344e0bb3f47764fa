"""What has no column of its own: fields of later versions of the record and of other packages.

Revision ID: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from pipeline.stores.sql.columns import Json

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, all null."""
    for table in ("articles", "entities", "quotes"):
        op.add_column(table, sa.Column("extra", Json))
