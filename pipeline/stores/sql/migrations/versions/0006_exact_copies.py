"""An index by which the exact copies of an article are found: they have no findings of their own.

Revision ID: 0006
"""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index("ix_articles_duplicate_of", "articles", ["duplicate_of"])
