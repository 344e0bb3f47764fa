import json
from contextlib import suppress

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.sources.json_structure import answer, check, records
from pipeline.sources.limits import Limits
from pipeline.sources.problems import Reason, UnfitError

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text('ab"\\[]{},: é', max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text('a"[,', max_size=2), inner, max_size=3)
    ),
    max_leaves=12,
)


def _depth(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    return 1 + max(map(_depth, value), default=0) if isinstance(value, list) else 0


@settings(max_examples=50)
@given(st.lists(_VALUES), st.sampled_from([None, 1]), st.booleans())
def test_the_elements_of_an_array_come_one_by_one(
    values: list[object], indent: int | None, ascii_only: bool
) -> None:
    document = json.dumps(values, indent=indent, ensure_ascii=ascii_only).encode()
    found = list(records(document))
    assert [json.loads(piece) for _, piece in found] == values
    assert all(document.startswith(piece, offset) for offset, piece in found)


@settings(max_examples=50)
@given(st.lists(st.dictionaries(st.text(max_size=2), _VALUES, max_size=3)))
def test_objects_one_after_the_other_come_one_by_one(values: list[object]) -> None:
    document = "\n".join(json.dumps(value) for value in values).encode()
    assert [json.loads(piece) for _, piece in records(document)] == values


@given(_VALUES, st.integers(0, 5))
def test_depth_is_refused_exactly_beyond_the_limit(value: object, most: int) -> None:
    record = json.dumps(value, ensure_ascii=False).encode()
    limits = Limits(max_json_depth=most)
    if _depth(value) > most:
        with pytest.raises(UnfitError, match="levels deep") as caught:
            check(record, limits)
        assert caught.value.reason is Reason.TOO_COMPLEX
    else:
        check(record, limits)


def test_values_are_counted_and_commas_in_strings_are_not() -> None:
    limits = Limits(max_json_fields=100)
    check(json.dumps({"text": "a, b, " * 500}).encode(), limits)
    with pytest.raises(UnfitError, match="more than 100 values"):
        check(json.dumps({"tags": list(range(101))}).encode(), limits)


@given(st.binary() | st.text('[]{},"\\a', max_size=40).map(str.encode))
def test_no_bytes_break_it(data: bytes) -> None:
    check(data, Limits())
    try:
        pieces = list(records(data))
    except UnfitError:
        return
    assert all(piece == piece.strip() for _, piece in pieces)


def test_a_broken_element_costs_only_itself() -> None:
    pieces = [piece for _, piece in records(b'[{"a": 1}, {"b": }, {"c": 3}]')]
    assert pieces[0] == b'{"a": 1}'
    assert orjson.loads(pieces[2]) == {"c": 3}
    assert len(pieces) == 3


def test_an_array_that_is_never_closed_is_named_after_what_it_had() -> None:
    found = records(b'[{"a": 1}, {"b": 2}')
    assert [next(found)[1], next(found)[1]] == [b'{"a": 1}', b'{"b": 2}']
    with pytest.raises(UnfitError, match="never closed"):
        next(found)


@pytest.mark.parametrize("hostile", [b'"\\"', b'"\\', b"[", b'{"', b'"', b'\\"', b'["a",'])
@pytest.mark.timeout(60)
def test_hostile_input_is_done_in_one_pass(hostile: bytes) -> None:
    # Anything but linear time on a megabyte would run for hours, into the time limit.
    data = hostile * (1_000_000 // len(hostile))
    with suppress(UnfitError):
        check(data, Limits(max_json_depth=10**9, max_json_fields=0))
    with suppress(UnfitError):
        assert sum(len(piece) for _, piece in records(data)) <= len(data)


@given(
    st.lists(st.dictionaries(st.text('a"[,', max_size=2), _VALUES, max_size=3), min_size=1),
    st.dictionaries(st.text('ab"[,', max_size=3), _VALUES, max_size=3),
    st.booleans(),
)
def test_the_records_of_an_answer_are_found_whatever_stands_beside_them(
    elements: list[object], beside: dict[str, object], inner: bool
) -> None:
    value: dict[str, object] = {**beside, "docs": elements, "z": [{"docs": [{}]}]}
    document = json.dumps({"b": 1, "response": value} if inner else value).encode()
    found = answer(document, {b"docs"})
    assert found is not None
    start, array = found
    assert document.startswith(array, start)
    assert json.loads(array) == elements


@given(_VALUES, st.binary(max_size=40))
def test_no_document_is_too_odd_to_be_looked_into(value: object, junk: bytes) -> None:
    answer(json.dumps(value).encode() + junk, {b"a", b""})
    answer(junk, {b"a", b""})
