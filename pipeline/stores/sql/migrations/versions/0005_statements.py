"""Pieces of one statement, whether it is asserted or denied, and all who say it.

Revision ID: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from pipeline.stores.sql.columns import Name

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, what is there as asserted, and the table of those who speak beside the first."""
    op.add_column("quotes", sa.Column("statement", sa.Text))
    op.add_column("quotes", sa.Column("polarity", sa.Text, nullable=False, server_default="asserted"))
    op.create_table(
        "co_speakers",
        sa.Column("article_id", Name, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("speaker_key", Name, nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.article_id"], name="fk_co_speakers_articles", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article_id", "position", "speaker_key", name="pk_co_speakers"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_co_speakers_speaker_key", "co_speakers", ["speaker_key"])
