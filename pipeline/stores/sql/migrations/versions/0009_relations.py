"""What an article is to the one that it was matched to: a copy, an excerpt, an update, a correction.

Revision ID: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, empty: what is stored was judged without them."""
    op.add_column("articles", sa.Column("relation", sa.Text))
    op.add_column("duplicate_state", sa.Column("relation", sa.Text))
