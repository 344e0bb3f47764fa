"""The pieces of a statement together."""

from __future__ import annotations

from hypothesis import given

from pipeline.record import EnrichedArticle, Span, statements_of
from tests.support.records import records
from tests.unit.stores.builders import TEXT, quote, record


def test_pieces_of_one_statement_are_together_and_others_stand_alone() -> None:
    first = quote("“The ferries", speaker=("Ada Quill", "Quill")).model_copy(update={"statement": "s1"})
    between = quote("Tom Reed")
    second = quote("rest at last,”", confidence=0.95).model_copy(
        update={"statement": "s1", "cue": Span(start=0, end=7, text=TEXT[:7])}
    )
    one, other = statements_of(record(quotes=(first, between, second)))
    assert (one.name, one.text, one.numbers) == ("s1", "“The ferries … rest at last,”", (0, 2))
    assert ([speaker.name for speaker in one.speakers], one.confidence, one.cue) == (
        ["Ada Quill"],
        0.95,
        "Harbour",
    )
    assert (other.name, other.text, other.speakers, other.cue) == (None, "Tom Reed", (), None)


@given(records())
def test_every_quote_is_in_one_statement(any_record: EnrichedArticle) -> None:
    numbers = [number for one in statements_of(any_record) for number in one.numbers]
    assert sorted(numbers) == list(range(len(any_record.quotes)))
