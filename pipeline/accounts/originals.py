"""What a dead letter had no room for, from the topic that its message is on."""

from __future__ import annotations

from pipeline.errors import PipelineError
from pipeline.kafka.scan import fetch
from pipeline.record import DeadLetter, Omission
from pipeline.settings import Settings


class OriginalError(PipelineError):
    """The message of a letter is not to be had. Says why."""


def restored(settings: Settings, letter: DeadLetter) -> DeadLetter:
    """The letter with its key and its value, wherever they are.

    Raises:
        OriginalError: what was omitted is not on the topic any more, or is not what it was.
        TransientError: the broker is away.
    """
    if letter.omitted_key is None and letter.omitted_value is None:
        return letter
    place = f"{letter.topic}/{letter.partition}/{letter.offset}"
    message = fetch(settings, letter.topic, letter.partition, letter.offset)
    if message is None:
        raise OriginalError(f"its message is not at {place} any more")
    if message.unreadable is not None:
        raise OriginalError(f"its message can't be read: {message.unreadable}")
    key = _checked(place, letter.key, letter.omitted_key, message.key)
    value = _checked(place, letter.value, letter.omitted_value, message.value)
    return letter.model_copy(update={"key": key, "value": value, "omitted_key": None, "omitted_value": None})


def _checked(place: str, kept: bytes | None, omitted: Omission | None, found: bytes | None) -> bytes | None:
    if omitted is None:
        return kept
    if found is None or Omission.of(found) != omitted:
        raise OriginalError(f"another message is at {place} now: the topic was made anew")
    return found
