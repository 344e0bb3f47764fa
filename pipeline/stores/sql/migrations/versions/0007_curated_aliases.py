"""What somebody said of aliases, and an index by which the short forms of a name are found.

Revision ID: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from pipeline.stores.sql.columns import Name

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table and the index."""
    op.create_table(
        "curated_aliases",
        sa.Column("alias", Name, nullable=False),
        sa.Column("key", Name, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("is_same", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("alias", "key", name="pk_curated_aliases"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_curated_aliases_key", "curated_aliases", ["key"])
    op.create_index("ix_aliases_key_alias", "aliases", ["key", "alias"])
