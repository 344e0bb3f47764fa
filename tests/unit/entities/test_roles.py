"""What people do is no part of their names, whatever stands at the start of a sentence."""

from __future__ import annotations

import pytest

from pipeline.languages import ENGLISH
from pipeline.stages.entities.roles import is_made_like_a_role, roles_length


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Midfielder Karen Foster", "Karen Foster"),
        ("Lifeguard Ingrid Nyberg", "Ingrid Nyberg"),
        ("Physicist Marcus Bellweather", "Marcus Bellweather"),
        ("Ex-policeman Frank Vogler", "Frank Vogler"),
        ("Opposition Lawmaker Priya Raman", "Priya Raman"),
        ("Victor Frank Hill", "Victor Frank Hill"),
        ("Peter Hill", "Peter Hill"),
        ("Baker Hill", "Baker Hill"),
        ("Olusegun Frank Hill", "Olusegun Frank Hill"),
        ("Former Hill", "Former Hill"),
    ],
)
def test_a_role_in_front_of_a_name_is_known_by_a_list_or_by_how_it_is_made(text: str, name: str) -> None:
    assert text[roles_length(text, ENGLISH.names) :] == name


@pytest.mark.parametrize(
    ("word", "is_role"), [("geologist", True), ("beekeeper", True), ("under", False), ("river", False)]
)
def test_words_that_end_so_and_are_none_are_known(word: str, is_role: bool) -> None:
    assert is_made_like_a_role(word, ENGLISH.names) is is_role
