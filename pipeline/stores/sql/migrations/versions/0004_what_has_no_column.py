"""What has no column of its own: fields of later versions of the record, and what stages of other packages find.

Revision ID: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from pipeline.stores.sql.columns import Json, Name

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, all null, and make the table."""
    for table in ("articles", "entities", "quotes"):
        op.add_column(table, sa.Column("extra", Json))
    op.create_table(
        "annotations",
        sa.Column("article_id", Name, nullable=False),
        sa.Column("stage", Name, nullable=False),
        sa.Column("value", Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.article_id"], name="fk_annotations_articles", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article_id", "stage", name="pk_annotations"),
        sqlite_with_rowid=False,
    )
