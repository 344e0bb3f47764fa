"""What the tests of the forms have in common."""

from __future__ import annotations

import io
from collections.abc import Iterable

from pipeline.exports.form import Asked
from pipeline.exports.forms import FORMS
from pipeline.record import EnrichedArticle, Entity
from tests.unit.stores.builders import TEXT, entity, full_record, span

FENMOUTH = Entity(
    name="Fenmouth",
    type="GPE",
    country="GB",
    geonames_id=2649268,
    latitude=-0.25,
    longitude=51.5,
    mentions=(span(TEXT, "Fenmouth"),),
)
QUILL = Entity(
    name="Ada Quill",
    type="PERSON",
    title="Mayor",
    role="mayor of Fenmouth",
    mentions=(span(TEXT, "Ada Quill"),),
)
GROUP = entity("harbour bridge", "NORP")


def written(form: str, records: Iterable[EnrichedArticle], asked: Asked | None = None) -> tuple[bytes, int]:
    """What a form writes of these records, and how many rows, lines or items it says there are."""
    out = io.BytesIO()
    count = FORMS[form].write(records, out, asked or Asked())
    return out.getvalue(), count


def located() -> EnrichedArticle:
    """A record with a place that is settled, a person with a role, and a group."""
    made = full_record()
    return made.model_copy(update={"entities": (QUILL, FENMOUTH, GROUP, *made.entities[2:])})
