"""Which store this is: what a group's progress is bound to, so that no second store takes half of the articles."""

from __future__ import annotations

from sqlalchemy import Engine, select

from pipeline.stores.sql.database import reading
from pipeline.stores.sql.schema import store_identities


def store_identity(engine: Engine) -> str:
    """The identity that the store was given when its tables were made; the same for all of its life.

    Raises:
        SettingsError: its tables are missing or of another version.
        TransientError: the database can't be reached.
    """
    with reading(engine) as connection:
        return str(connection.execute(select(store_identities.c.id)).scalar_one())
