"""Sessions with PostgreSQL and their settings: time zone, time-outs, no writes for who only reads.

They are given when a session begins. A pooler that lends connections by the transaction (PgBouncer, pool_mode =
transaction) can't take them: what a session has set, or prepared, belongs to whoever has its connection next. Behind
one they are set for each transaction anew, which costs a round trip, and nothing is prepared.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg

from pipeline.errors import InstallationError, SettingsError
from pipeline.stores.sql.faults import line
from pipeline.stores.sql.patience import ImpatientConnection

_GRACE = 5.0  # seconds

# How poolers say that a session can't have settings of its own: PgBouncer, Amazon's.
_REFUSALS = ("unsupported startup parameter", "support command-line options")
_OF_ONE = {
    "default_transaction_read_only": "transaction_read_only"
}  # the default is that of later transactions
_PROBE = "idle_in_transaction_session_timeout"


class Sessions:
    """Opens sessions, and begins transactions in them.

    Args:
        settings: by the names of PostgreSQL's parameters; `idle_in_transaction_session_timeout` (milliseconds) is one.
        patience: seconds that one answer is waited for; the server gives up first, and says why, as long as it can.
    """

    def __init__(self, settings: Mapping[str, str | int], *, patience: float) -> None:
        self._settings = settings
        self._patience = patience

    def open(self, *arguments: Any, **options: Any) -> ImpatientConnection:
        """Connect.

        Raises:
            SettingsError: an option that libpq does not know, or a database that can't hold every text.
            psycopg.OperationalError: there is no connection.
        """
        own = " ".join(f"-c {name}={value}" for name, value in self._settings.items())
        options.pop("options", None)
        try:
            connection = ImpatientConnection.connect(*arguments, **options, options=own)
            connection.patience = self._patience + _GRACE
            connection.lent = not self._has_taken_them(connection)
        except psycopg.ProgrammingError as error:  # refused before anything is sent
            raise SettingsError(f"database URL: {line(error)}") from None
        except psycopg.OperationalError as error:
            if not any(refusal in str(error) for refusal in _REFUSALS):
                raise
            connection = ImpatientConnection.connect(*arguments, **options)
            connection.patience = self._patience + _GRACE
            connection.lent = True
        encoding = connection.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            connection.close()
            raise InstallationError(
                f"database: its encoding is {encoding}, which lacks most letters: make it with ENCODING 'UTF8'"
            )
        if connection.lent:
            connection.prepare_threshold = None
        return connection

    def begin(self, connection: Any) -> None:
        """Give the transaction that begins on the connection the settings that its session does not have."""
        if connection.lent:
            settings = {_OF_ONE.get(name, name): value for name, value in self._settings.items()}
            connection.execute("; ".join(f"SET LOCAL {name} = '{value}'" for name, value in settings.items()))

    def _has_taken_them(self, connection: ImpatientConnection) -> bool:
        """A pooler may be told to drop settings in silence (PgBouncer, ignore_startup_parameters = options)."""
        with connection.cursor() as cursor:
            row = cursor.execute("SELECT setting FROM pg_settings WHERE name = %s", [_PROBE]).fetchone()
        connection.rollback()
        return row is not None and row[0] == str(self._settings[_PROBE])
