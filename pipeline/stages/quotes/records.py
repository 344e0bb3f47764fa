"""Parts of the record, built of values that are right by construction.

They end as `model_construct` leaves them, whose look at each field costs more than a validation.
"""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel

from pipeline.models import Model, Quote, QuoteKind, ResolvedBy, Span, Speaker

M = TypeVar("M", bound=Model)

_new = object.__new__
_fill = vars(BaseModel)["__dict__"].__set__
_note_fields, _note_extra, _note_private = (
    vars(BaseModel)[slot].__set__
    for slot in ("__pydantic_fields_set__", "__pydantic_extra__", "__pydantic_private__")
)
_SPAN, _SPEAKER, _QUOTE = (set(model.model_fields) for model in (Span, Speaker, Quote))


def span(text: str, start: int, end: int) -> Span:
    """The stretch `text[start:end]` of an article."""
    return _trusted(Span, _SPAN, {"start": start, "end": end, "text": text[start:end]})


def speaker(text: str, start: int, end: int, name: str, by: ResolvedBy) -> Speaker:
    """Somebody to whom the words `text[start:end]` refer."""
    fields = {"start": start, "end": end, "text": text[start:end], "name": name, "resolved_by": by}
    return _trusted(Speaker, _SPEAKER, fields)


def quote(
    said: str, start: int, kind: QuoteKind, *, by: Speaker | None, cue: Span | None, confidence: float
) -> Quote:
    """The words `said`, which begin at `start`."""
    fields = {
        "start": start,
        "end": start + len(said),
        "text": said,
        "kind": kind,
        "speaker": by,
        "cue": cue,
        "confidence": confidence,
    }
    return _trusted(Quote, _QUOTE, fields)


def _trusted(model: type[M], names: set[str], fields: dict[str, object]) -> M:
    record = _new(model)
    _fill(record, fields)
    _note_fields(record, names)
    _note_extra(record, None)
    _note_private(record, None)
    return record
