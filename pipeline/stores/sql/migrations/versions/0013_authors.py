"""Who wrote an article, and the section that it stood in.

Revision ID: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from pipeline.stores.sql.columns import Json

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, empty: what is stored was read without them."""
    op.add_column("articles", sa.Column("authors", Json, nullable=False, server_default="[]"))
    op.add_column("articles", sa.Column("section", sa.Text))
