"""Standing questions, and what answered them.

Revision ID: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from pipeline.stores.sql.columns import Json, Name, UtcTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "questions",
        sa.Column("id", Name, primary_key=True),
        sa.Column("question", Json, nullable=False),
        sa.Column("mark", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_questions_mark", "questions", ["mark"])
    op.create_table(
        "alerts",
        sa.Column("question_id", Name, nullable=False),
        sa.Column("about", Name, nullable=False),
        sa.Column("alert_id", Name, nullable=False),
        sa.Column("article_id", Name, nullable=False),
        sa.Column("story", Name, nullable=False),
        sa.Column("at", UtcTime, nullable=False),
        sa.Column("alert", Json, nullable=False),
        sa.Column("webhook", sa.Text),
        sa.Column("delivery", sa.Text),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("waiting_since", UtcTime),
        sa.Column("due_at", UtcTime),
        sa.Column("problem", sa.Text),
        sa.PrimaryKeyConstraint("question_id", "about", name="pk_alerts"),
        sa.ForeignKeyConstraint(
            ["question_id"], ["questions.id"], name="fk_alerts_questions", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.article_id"], name="fk_alerts_articles", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("alert_id", name="uq_alerts_alert_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_alerts_article_id", "alerts", ["article_id"])
    op.create_index("ix_alerts_about", "alerts", ["about"])
    op.create_index("ix_alerts_story", "alerts", ["story"])
    op.create_index("ix_alerts_at_alert_id", "alerts", ["at", "alert_id"])
    op.create_index("ix_alerts_question_id_at", "alerts", ["question_id", "at"])
    op.create_index("ix_alerts_delivery_webhook_due_at", "alerts", ["delivery", "webhook", "due_at"])
    op.create_table(
        "webhooks",
        sa.Column("address", Name, primary_key=True),
        sa.Column("due_at", UtcTime, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
        sqlite_with_rowid=False,
    )
