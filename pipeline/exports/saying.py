"""The verb that says what a speaker has to do with the words."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.record import Polarity

SAID: Mapping[Polarity, str] = {
    Polarity.ASSERTED: "said",
    Polarity.DENIED: "denied",
    Polarity.DOUBTED: "doubted",
    Polarity.HYPOTHETICAL: "may say",
    Polarity.ASKED: "asked",
    Polarity.REFUSED: "did not say",
}


def sentence(speaker: str | None, polarity: str, text: str) -> str:
    """A statement in one line: `Ada Quill denied: …`."""
    return f"{speaker or 'Somebody'} {SAID[Polarity(polarity)]}: {text}"
