"""The verb that says what a speaker has to do with the words."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.languages import installed, spoken
from pipeline.record import Article, Polarity

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


def unread(article: Article) -> str | None:
    """Why nothing was looked for in an article; None where it is in a language that is read."""
    if spoken(installed(), article.language):
        return None
    why = f"no language pack for {article.language}" if article.language else "its language is not known"
    return f"passed unread: {why}"
