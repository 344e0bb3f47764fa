"""The statements of an article: its quotes, the pieces of each together."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.record.envelope import EnrichedArticle
from pipeline.record.findings import Polarity, Quote, QuoteKind, Speaker

BETWEEN_PIECES = " … "
_CONTEXT_AROUND = 200  # characters on either side of a quote
_CONTEXT_LIMIT = 4000  # characters; a text search vector of PostgreSQL holds at most 1 MiB


@dataclass(frozen=True, slots=True)
class Statement:
    """What somebody said in one article. `pieces` are in the order of the record, `numbers` their places in it."""

    pieces: tuple[Quote, ...]
    numbers: tuple[int, ...]

    @property
    def name(self) -> str | None:
        """What its pieces share; it means something within the article only."""
        return self.pieces[0].statement

    @property
    def text(self) -> str:
        """The pieces, with what says that there is something between them."""
        return BETWEEN_PIECES.join(piece.text for piece in self.pieces)

    @property
    def kind(self) -> QuoteKind:
        """How the words are reported."""
        return self.pieces[0].kind

    @property
    def polarity(self) -> Polarity:
        """Whether the speaker stands behind the words."""
        return self.pieces[0].polarity

    @property
    def speakers(self) -> tuple[Speaker, ...]:
        """All who say it; nobody where nobody can be named with a reason."""
        return self.pieces[0].said_by

    @property
    def confidence(self) -> float:
        """That of the surest piece, in 0..1."""
        return max(piece.confidence for piece in self.pieces)

    @property
    def cue(self) -> str | None:
        """The words that report it (`said`), where a piece has some."""
        return next((piece.cue.text for piece in self.pieces if piece.cue), None)


def statements_of(record: EnrichedArticle) -> list[Statement]:
    """The statements of an article, in the order of their first pieces."""
    found: dict[str | int, list[int]] = {}
    for number, quote in enumerate(record.quotes):
        found.setdefault(quote.statement or number, []).append(number)
    return [
        Statement(tuple(record.quotes[number] for number in numbers), tuple(numbers))
        for numbers in found.values()
    ]


def context_of(quote: Quote, text: str) -> str:
    """The quote with what stands around it in its paragraph of `text`: where a search for its subject looks."""
    before = text[max(0, quote.start - _CONTEXT_AROUND) : quote.start]
    after = text[quote.end : quote.end + _CONTEXT_AROUND]
    paragraph = before.rpartition("\n")[2] + quote.text + after.partition("\n")[0]
    return paragraph[:_CONTEXT_LIMIT]
