"""What refers to somebody: a name, a pronoun, a description, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from pipeline.stages.quotes.mentions import Mention
from pipeline.stages.quotes.prose import Paragraph

Shape = Literal["name", "pronoun", "relative", "possessive", "nominal"]
"""What kind of words refer to somebody."""
NAME: Final = "name"
PRONOUN: Final = "pronoun"
RELATIVE: Final = "relative"
POSSESSIVE: Final = "possessive"
NOMINAL: Final = "nominal"


@dataclass(slots=True)
class Phrase:
    """Tokens [lo, hi) that refer to somebody, as offsets [start, end); `mention` when it is an entity's.

    `head` is the noun phrase that a relative pronoun stands for.
    """

    lo: int
    hi: int
    start: int
    end: int
    shape: Shape
    mention: Mention | None = None
    head: Phrase | None = None


def paragraph_words(paragraph: Paragraph, phrase: Phrase) -> frozenset[str]:
    """The words of a phrase in lower case."""
    return frozenset(paragraph.low[phrase.lo : phrase.hi])
