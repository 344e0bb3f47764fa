"""Parts of the record, built of values that are right by construction."""

from __future__ import annotations

from pipeline.record import Polarity, Quote, QuoteKind, ResolvedBy, Span, Speaker
from pipeline.record.trusted import trusted


def span(text: str, start: int, end: int) -> Span:
    """The stretch `text[start:end]` of an article."""
    return trusted(Span, {"start": start, "end": end, "text": text[start:end]})


def speaker(text: str, start: int, end: int, name: str, by: ResolvedBy) -> Speaker:
    """Somebody to whom the words `text[start:end]` refer."""
    fields = {"start": start, "end": end, "text": text[start:end], "name": name, "resolved_by": by}
    return trusted(Speaker, fields)


def quote(
    said: str,
    start: int,
    kind: QuoteKind,
    *,
    statement: str | None,
    polarity: Polarity,
    by: tuple[Speaker, ...],
    cue: Span | None,
    confidence: float,
) -> Quote:
    """The words `said`, which begin at `start`; `by` are those who say them, first the one who is named first."""
    fields = {
        "start": start,
        "end": start + len(said),
        "text": said,
        "kind": kind,
        "statement": statement,
        "polarity": polarity,
        "speaker": by[0] if by else None,
        "speakers": by if len(by) > 1 else (),
        "cue": cue,
        "confidence": confidence,
    }
    return trusted(Quote, fields)
