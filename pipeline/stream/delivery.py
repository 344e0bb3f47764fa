"""Sending what messages came to, so that whatever a topic takes, something of each message arrives.

A topic's limit is the broker's to tell, and can be changed under a running worker. A size that is refused is refused
for ever: sent again and again, nothing behind it would ever be read. So a result that is too large becomes a dead
letter, and a letter that is too large is sent without its value, and at last without its key. The message itself is
where the letter says, as long as the retention of its topic keeps it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from pipeline.accounts.ledger import identity
from pipeline.errors import Reason, TransientError
from pipeline.record import DeadLetter, Omission, schema_header
from pipeline.record.codec import encode
from pipeline.stages.base import Rejection
from pipeline.stream.outbox import Outgoing

DEAD_LETTER = schema_header("dead-letter")


class Sender(Protocol):
    """What is needed of an outbox."""

    def too_large(self, message: Outgoing) -> bool:
        """Whether the broker would refuse it."""

    async def send(self, messages: Sequence[Outgoing]) -> list[int]:
        """Send all and wait for the answer; gives the numbers of those that are too large for their topic.

        Raises:
            TransientError: there was no answer.
        """


@dataclass(frozen=True, slots=True)
class Fate:
    """What a message came to.

    `outcome` is a label of the metrics; `send` is what is sent, if anything; `letter` is there when that is a dead
    letter; `instead` gives the dead letter for something else that can't be sent.
    """

    outcome: str
    send: Outgoing | None = None
    letter: DeadLetter | None = None
    instead: Callable[[Rejection], DeadLetter] | None = None


class Delivery:
    """Sends fates.

    Args:
        outbox: sends and awaits the answer.
        topic: that of the dead letters.
    """

    def __init__(self, outbox: Sender, topic: str) -> None:
        self._outbox = outbox
        self._topic = topic

    def dead(self, letter: DeadLetter) -> Fate:
        """The fate of a message that is dead-lettered."""
        headers = (DEAD_LETTER, *(letter.trace.to_headers() if letter.trace else ()))
        return Fate(
            "dead_letter", Outgoing(self._topic, letter.letter_id.encode(), encode(letter), headers), letter
        )

    async def send(self, fates: Sequence[Fate]) -> list[Fate]:
        """Send all, each as large as its topic takes it; gives what was sent.

        Raises:
            TransientError: something may not be there; sending it all again is safe.
        """
        sent = [self._fitting(fate) for fate in fates]
        wanted = [number for number, fate in enumerate(sent) if fate.send is not None]
        while wanted:
            refused = await self._outbox.send([out for number in wanted if (out := sent[number].send)])
            wanted = [wanted[position] for position in refused]
            for number in wanted:
                sent[number] = self._smaller(sent[number])
        return sent

    async def tell(self, messages: Sequence[Outgoing]) -> None:
        """Send what is no record: small messages, of which none is refused for its size.

        Raises:
            TransientError: something may not be there; sending it all again is safe.
        """
        await self._outbox.send(messages)

    def _fitting(self, fate: Fate) -> Fate:
        """The same as small as the topics are declared to want it: the broker need not be asked."""
        while fate.send is not None and self._outbox.too_large(fate.send):
            fate = self._smaller(fate)
        return fate

    def _smaller(self, fate: Fate) -> Fate:
        if fate.letter is None and fate.send is not None and fate.instead is not None:
            size = len(fate.send.value)
            return self.dead(
                fate.instead(Rejection(Reason.TOO_LARGE, f"its result is a message of {size} bytes"))
            )
        letter = fate.letter and lightened(fate.letter)
        if letter is None:
            raise TransientError(
                f"{self._topic} does not take the smallest dead letter: raise its max.message.bytes"
            )
        return self.dead(letter)


def lightened(letter: DeadLetter) -> DeadLetter | None:
    """The letter without its value, or else without its key; None when there is nothing to leave out.

    `article_id` stays what the message is known by.
    """
    known_by: str | None = identity(letter)
    if known_by == f"{letter.topic}/{letter.partition}/{letter.offset}":
        known_by = None
    if letter.value:
        omitted = Omission.of(letter.value)
        return letter.model_copy(update={"article_id": known_by, "value": None, "omitted_value": omitted})
    if letter.key:
        omitted = Omission.of(letter.key)
        return letter.model_copy(update={"article_id": known_by, "key": None, "omitted_key": omitted})
    return None
