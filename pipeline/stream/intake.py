"""How much is taken in before it is worked on, in bytes: Faust's own buffers count messages, whatever their size."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any
from weakref import WeakKeyDictionary

_LOOK_SECONDS = 1.0


class Intake:
    """The messages between the client and the agent.

    Args:
        limit: how many bytes there may be of them; one message is always let in.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        # Faust drops what it has buffered when partitions move, without a word: it leaves by itself.
        self._inside: WeakKeyDictionary[Any, int] = WeakKeyDictionary()
        self._bytes = 0
        self._left = asyncio.Event()

    def enter(self, message: Any) -> None:
        """A message is handed to the agent's buffers."""
        self._inside[message] = size = len(message.key or b"") + len(message.value or b"")
        self._bytes += size

    def leave(self, message: Any) -> None:
        """The agent has taken the message, and is done with its batch."""
        size = self._inside.pop(message, None)
        if size is not None:
            self._bytes -= size
            self._left.set()

    @property
    def is_full(self) -> bool:
        """Whether the next message has to wait."""
        if self._bytes < self._limit:
            return False
        self._bytes = sum(self._inside.values())
        return self._bytes >= self._limit

    async def room(self) -> None:
        """Wait until the next message may enter."""
        while self.is_full:
            self._left.clear()
            with contextlib.suppress(TimeoutError):  # what was dropped does not say so
                await asyncio.wait_for(self._left.wait(), _LOOK_SECONDS)
