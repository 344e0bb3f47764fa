"""Which place is meant, and what an article says a person is.

Revision ID: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, empty: what is stored was read without them."""
    op.add_column("entities", sa.Column("geonames_id", sa.BigInteger))
    op.add_column("entities", sa.Column("latitude", sa.Double))
    op.add_column("entities", sa.Column("longitude", sa.Double))
    op.add_column("entities", sa.Column("title", sa.Text))
    op.add_column("entities", sa.Column("role", sa.Text))
