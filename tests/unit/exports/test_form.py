"""What is asked of a form, and the forms that there are."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest

from pipeline.exports.form import ARTICLES, NAMES, STATEMENTS, Asked
from pipeline.exports.forms import FORMS, form_of_file
from pipeline.record import EnrichedArticle, Polarity
from tests.support.newsroom import newsroom
from tests.unit.exports.written import located, written


def _said(**asked: object) -> list[tuple[str, str]]:
    meant = Asked(**asked)  # type: ignore[arg-type]
    return [
        (one.speakers[0].name, one.polarity) for record in newsroom()[:1] for one in meant.statements(record)
    ]


def test_statements_are_chosen_by_who_says_them_and_how() -> None:
    assert _said() == [("Tom Reed", "asserted"), ("Ada Quill", "denied")]
    assert _said(polarities=(Polarity.DENIED,)) == [("Ada Quill", "denied")]
    assert _said(speaker="tom reed", polarities=("denied",)) == []


@pytest.mark.parametrize(
    ("speaker", "found"),
    [
        ("Reed", 1),
        ("tom  REED", 1),
        ("Réed", 1),
        ("Tom", 0),
        ("eed", 0),
        ("Tom Reed Reed", 0),
        ("", 0),
        ("?", 0),
    ],
)
def test_a_speaker_is_called_by_the_full_name_or_the_end_of_it(speaker: str, found: int) -> None:
    assert len(_said(speaker=speaker)) == found


def test_an_article_fits_that_has_such_a_statement_or_where_none_is_asked_for() -> None:
    pier, _, copy, _ = newsroom()
    assert Asked().fits(copy)
    assert Asked(speaker="Reed").fits(pier)
    assert not Asked(speaker="Reed").fits(copy)
    assert not Asked(polarities=("doubted",)).fits(pier)


@pytest.mark.parametrize(
    ("file", "form"),
    [
        ("news.csv", "csv"),
        ("NEWS.CSV", "csv"),
        ("a.jsonl", "jsonl"),
        ("a.ninjs.jsonl", "ninjs"),
        ("a.ld.jsonl", "json-ld"),
        ("a.rss", "rss"),
        ("a.parquet", "parquet"),
        ("a.txt", None),
    ],
)
def test_a_files_name_tells_its_form(file: str, form: str | None) -> None:
    found = form_of_file(file)
    assert (found.name if found else None) == form


@pytest.mark.parametrize("form", [name for name, form in FORMS.items() if not form.is_binary])
def test_each_form_writes_a_record_before_it_takes_the_next(form: str) -> None:
    """Constant memory: what was taken last but one is written when the next is asked for."""
    taken = 0
    sizes: list[int] = []

    class Out:
        size = 0

        def write(self, data: bytes, /) -> None:
            self.size += len(data)

    def records() -> Iterator[EnrichedArticle]:
        nonlocal taken
        for _ in range(50):
            sizes.append(out.size)
            taken += 1
            yield located()

    out = Out()
    assert FORMS[form].write(records(), out, Asked()) == taken == 50
    steps = {later - earlier for earlier, later in pairwise(sizes[2:])}
    assert len(steps) == 1
    assert steps.pop() > 0


@pytest.mark.parametrize(("form", "of"), [(form.name, of) for form in FORMS.values() for of in form.of])
def test_nothing_is_written_well_too(form: str, of: str) -> None:
    data, count = written(form, [], Asked(of))
    assert count == 0
    assert bool(data) == (form in {"csv", "rss", "parquet"})


def test_tables_are_of_all_three() -> None:
    assert FORMS["csv"].of == FORMS["parquet"].of == (ARTICLES, STATEMENTS, NAMES)
