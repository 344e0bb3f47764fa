"""The identity of the store, which the offsets of its writers are bound to.

Revision ID: 0002
"""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, and give the store its identity."""
    table = op.create_table(
        "store_identities",
        sa.Column("id", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_store_identities"),
    )
    op.bulk_insert(table, [{"id": uuid.uuid4().hex}])
