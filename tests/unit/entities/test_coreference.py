"""Mentions of persons brought together: by look-ups what comparing every two names gives, and bounded in lists."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.languages import ENGLISH
from pipeline.stages.entities.coreference import persons
from pipeline.stages.entities.mentions import Mention
from pipeline.stages.entities.persons import Fit, fit, parts_of

NAMES = ENGLISH.names
PARTS = ("Ann", "A.", "Karl", "Hale", "Lindqvist", "Lindquist", "Lindqvists", "Maria", "de", "Brandvold")
names = st.lists(st.lists(st.sampled_from(PARTS), min_size=1, max_size=4).map(" ".join), max_size=9)


def mentions_of(forms: list[str]) -> list[Mention]:
    found, at = [], 0
    for form in forms:
        found.append(Mention(at, at + len(form), "PERSON", form))
        at += len(form) + 2
    return found


def groups_by_comparison(mentions: list[Mention]) -> list[list[str]]:
    """Full names first, each form held against all; without those that fit several, which nearness decides."""
    people: list[list[tuple[str, ...]]] = []
    for parts in sorted(
        {parts_of(one.text, NAMES) for one in mentions},
        key=lambda parts: (-len(parts), first(parts, mentions)),
    ):
        fits = [max(fit(parts, form, NAMES) for form in forms) for forms in people]
        best = max(fits, default=Fit.NONE)
        fitting = [forms for forms, how in zip(people, fits, strict=True) if best and how == best]
        if not fitting:
            people.append([parts])
        elif len(fitting) == 1:
            fitting[0].append(parts)
    return [[" ".join(parts) for parts in forms] for forms in people]


def first(parts: tuple[str, ...], mentions: list[Mention]) -> int:
    return next(one.start for one in mentions if parts_of(one.text, NAMES) == parts)


@given(names)
def test_forms_go_to_whom_comparing_all_names_gives(forms: list[str]) -> None:
    mentions = mentions_of(forms)
    expected = groups_by_comparison(mentions)
    found = [
        {" ".join(parts_of(one.text, NAMES)) for one in group}
        for group in persons(mentions, "\n" * 400, NAMES, {})
    ]
    assert len(found) == len(expected)
    for group, compared in zip(found, expected, strict=True):
        assert set(compared) <= group


def test_a_surname_that_a_hundred_people_have_goes_to_one_who_was_named_right_before() -> None:
    given_names = [f"{chr(65 + at // 26)}{chr(97 + at % 26)}nna" for at in range(100)]
    mentions = mentions_of([*(f"{name} Hale" for name in given_names), "Hale"])
    groups = persons(mentions, "\n" * 4000, NAMES, {})
    assert len(groups) == 100
    assert [one.text for one in groups[-1]] == [f"{given_names[-1]} Hale", "Hale"]
