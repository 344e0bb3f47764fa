from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import PermanentError, Reason
from pipeline.record import ResolvedBy
from pipeline.stores.incoming import checked
from pipeline.stores.sql.rows import QUOTE_COLUMNS, Rows, rows_of, words_hash
from tests.unit.stores.builders import NOON, TEXT, entity, full_record, quote, record


def _quote(rows: Rows) -> dict[str, Any]:
    [values] = rows.quotes
    return dict(zip(QUOTE_COLUMNS, values, strict=True))


def test_the_hashes_do_not_depend_on_when_an_article_was_taken_in() -> None:
    early, late = checked(full_record()), checked(full_record(ingested=NOON + timedelta(days=1)))
    assert (early.version_hash, early.record_hash) == (late.version_hash, late.record_hash)


def test_another_text_is_another_version_and_other_findings_another_record() -> None:
    first = checked(record())
    assert checked(record(text=TEXT + " More.")).version_hash != first.version_hash
    processed_anew = checked(record(pipeline_version="2"))
    assert processed_anew.version_hash == first.version_hash
    assert processed_anew.record_hash != first.record_hash


def test_an_entity_is_known_by_the_short_forms_that_an_article_uses_and_a_person_by_the_surname() -> None:
    rows = rows_of(checked(full_record()))
    assert [(row["alias"], row["key"]) for row in rows.aliases] == [
        ("person:quill", "person:ada quill"),
        ("person:reed", "person:tom reed"),
    ]


@pytest.mark.parametrize("key", [None, "", "person:somebody else"])
def test_searches_go_by_the_keys_of_this_version_and_the_record_has_them(key: str | None) -> None:
    whole = full_record()
    unkeyed = whole.model_copy(
        update={"entities": tuple(one.model_copy(update={"key": key}) for one in whole.entities)}
    )
    assert checked(unkeyed) == checked(whole)


def test_a_speaker_has_the_key_of_the_entity_of_that_name() -> None:
    said = quote("“The ferries may rest at last,”", speaker=("Reed Shipping", "Reed Shipping"))
    rows = rows_of(checked(record(entities=(entity("Reed Shipping", "ORG"),), quotes=(said,))))
    assert _quote(rows)["speaker_key"] == "org:reed shipping"


@pytest.mark.parametrize(
    ("resolved_by", "key"),
    [(ResolvedBy.NAME, "person:reed shipping"), (ResolvedBy.ORGANISATION, "org:reed shipping")],
)
def test_a_speaker_who_is_no_entity_has_a_key_of_their_kind(resolved_by: ResolvedBy, key: str) -> None:
    said = quote("“The ferries", speaker=("Reed Shipping", "Reed Shipping"), resolved_by=resolved_by)
    assert _quote(rows_of(checked(record(quotes=(said,)))))["speaker_key"] == key


def test_the_context_of_a_quote_is_its_paragraph() -> None:
    row = _quote(rows_of(checked(record(quotes=(quote("“The ferries may rest at last,”"),)))))
    assert row["context"] == TEXT.rpartition("\n")[2]


def test_the_context_of_a_quote_in_an_endless_paragraph_is_bounded() -> None:
    text = "word " * 5000 + "“so” " + "word " * 5000
    row = _quote(rows_of(checked(record(text=text, quotes=(quote("“so”", text=text),)))))
    assert "“so”" in row["context"]
    assert len(row["context"]) <= 404


@pytest.mark.parametrize(
    "copy",
    ["the ferries may rest at last", "‘The  FERRIES\nmay rest at last’.", "The ferries may rest at last —"],
)
def test_the_words_of_a_quote_are_the_same_in_all_copies(copy: str) -> None:
    assert words_hash(copy) == words_hash("“The ferries may rest at last,”")


def test_other_words_are_another_quote() -> None:
    assert words_hash("“The ferries may rest.”") != words_hash("“The ferries must rest.”")


@pytest.mark.parametrize("text", ["a \x00 b", "\x00", "\\u0000 and \x00"])
def test_a_nul_character_anywhere_is_not_storable(text: str) -> None:
    with pytest.raises(PermanentError, match="NUL") as raised:
        checked(record(source=text))
    assert raised.value.reason is Reason.NOT_STORABLE


def test_the_escape_of_a_nul_character_is_text() -> None:
    assert checked(record(source="\\u0000")).article_id == "bridge"


@given(name=st.text(max_size=60), kind=st.sampled_from(["PERSON", "ORG", "GPE", "NORP", "EVENT", "x"]))
def test_whatever_a_name_is_it_becomes_rows_or_a_rejection(name: str, kind: str) -> None:
    text = f"x{name}y"
    named = entity("x", kind, f"x{name}", "y", text=text).model_copy(update={"name": name})
    try:
        rows = rows_of(checked(record(text=text, entities=(named,))))
    except PermanentError:
        assert "\x00" in name
    else:
        assert len(rows.entities) == 1
        assert len(rows.mentions) == 2
