"""A PostgreSQL connection that gives up on a server which has stopped answering.

The server's own time-outs don't help when it is the server that hangs (stopped, swapping, behind a firewall that
drops packets): the connection stays open, and a client would wait for ever.
"""

from __future__ import annotations

from time import monotonic
from typing import TypeVar

import psycopg
from psycopg.abc import PQGen

_Result = TypeVar("_Result")
_INTERVAL = 0.1  # seconds between looks at whether the user has interrupted


class ImpatientConnection(psycopg.Connection[tuple[object, ...]]):
    """A connection on which no single answer is awaited for longer than `patience` seconds."""

    patience = 60.0
    lent = False
    """Whether a pooler lends it by the transaction."""

    def wait(self, gen: PQGen[_Result], interval: float = _INTERVAL, timeout: float | None = None) -> _Result:
        """See psycopg.Connection."""
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        started = monotonic()
        try:
            return super().wait(gen, interval, self.patience)
        except psycopg.OperationalError as error:
            if monotonic() - started < self.patience:
                raise
            self.close()  # a late answer would be taken for that to the next question
            raise psycopg.OperationalError(f"no answer within {self.patience:g} s") from error
