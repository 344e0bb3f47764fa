"""What two records of one article differ in, as an editor would see it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.record import EnrichedArticle, Polarity, Quote
from pipeline.record.differences import Difference, Kind, differences
from tests.support.newsroom import said
from tests.unit.stores.builders import entity, record

_TEXT = "Ferry late\n\n“It was the fog,” Ada Quill said. Tom Reed denied that the ferry had been late before."
_FOG = said(_TEXT, "“It was the fog,”", ("Ada Quill", "Ada Quill"))
_LATE = said(_TEXT, "that the ferry had been late before", ("Tom Reed", "Tom Reed"), polarity=Polarity.DENIED)


def _record(*quotes: Quote, names: tuple[str, ...] = ()) -> EnrichedArticle:
    entities = tuple(entity(name, "PERSON", name) for name in names)
    return record("ferry", text=_TEXT, quotes=quotes, entities=entities)


def test_statements_are_the_same_at_the_same_place() -> None:
    before = _record(_FOG, _LATE)
    turned = _LATE.model_copy(update={"polarity": Polarity.ASSERTED})
    theirs = _FOG.model_copy(update={"speaker": None})
    assert list(differences(before, before)) == []
    assert list(differences(before, _record(_FOG, turned))) == [
        Difference(Kind.POLARITY, "ferry", "denied", "asserted", "that the ferry had been late before")
    ]
    assert list(differences(before, _record(theirs, _LATE))) == [
        Difference(Kind.SPEAKER, "ferry", "Ada Quill", "", "“It was the fog,”")
    ]


def test_what_is_new_and_what_is_gone_is_told_with_its_speaker() -> None:
    assert list(differences(_record(_FOG), _record(_LATE))) == [
        Difference(Kind.STATEMENT_NEW, "ferry", "", "Tom Reed: that the ferry had been late before"),
        Difference(Kind.STATEMENT_GONE, "ferry", "Ada Quill: “It was the fog,”", ""),
    ]
    found = _record(names=("Ada Quill",)), _record(names=("Tom Reed",))
    assert list(differences(*found)) == [
        Difference(Kind.NAME_NEW, "ferry", "", "Tom Reed (PERSON)"),
        Difference(Kind.NAME_GONE, "ferry", "Ada Quill (PERSON)", ""),
    ]


def test_annotations_differ_by_what_they_hold() -> None:
    before = _record().annotated("keywords", ["ferry"])
    assert list(differences(before, _record())) == [
        Difference(Kind.ANNOTATION, "ferry", "['ferry']", "None", "keywords")
    ]


@given(*[st.lists(st.sampled_from([_FOG, _LATE]), unique=True).map(tuple)] * 2)
def test_nothing_differs_from_itself_and_the_way_back_is_the_way_there(
    one: tuple[Quote, ...], other: tuple[Quote, ...]
) -> None:
    before, after = _record(*one), _record(*other)
    there, back = list(differences(before, after)), list(differences(after, before))
    assert {(found.before, found.after) for found in there} == {(found.after, found.before) for found in back}
    assert bool(there) == (set(one) != set(other))
