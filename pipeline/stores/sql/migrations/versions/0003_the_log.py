"""Where in the log each version was first seen, and whose each id is.

The former is not known of what is stored already; the latter is that of the version that stands.

Revision ID: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from pipeline.stores.sql.columns import UtcTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ROWS = 20_000  # in a statement, which has to end within its time limit


def upgrade() -> None:
    """Add the columns."""
    for table in ("articles", "superseded_versions"):
        op.add_column(table, sa.Column("log", sa.Text))
        op.add_column(table, sa.Column("log_offset", sa.BigInteger))
        op.add_column(table, sa.Column("appended_at", UtcTime))
    for name in ("source", "url"):
        op.add_column("duplicate_state", sa.Column(name, sa.Text))
    _fill_in()


def _fill_in() -> None:
    connection = op.get_bind()
    statement = sa.text(
        "UPDATE duplicate_state SET "
        "source = (SELECT source FROM articles WHERE articles.article_id = duplicate_state.article_id), "
        "url = (SELECT url FROM articles WHERE articles.article_id = duplicate_state.article_id) "
        "WHERE seq > :start AND seq <= :start + :rows"
    )
    last = connection.execute(sa.text("SELECT coalesce(max(seq), 0) FROM duplicate_state")).scalar_one()
    for start in range(0, last, _ROWS):
        connection.execute(statement, {"start": start, "rows": _ROWS})
