"""What an article says a person is, where it says so plainly."""

from __future__ import annotations

import pytest

from pipeline.languages import ENGLISH
from pipeline.stages.entities.descriptions import role_of, title_of
from pipeline.stages.entities.mentions import Mention
from pipeline.stages.entities.persons import title_before


def _mention(text: str, name: str = "Ann Hale") -> Mention:
    start = text.index(name)
    return Mention(start, start + len(name), "PERSON", name, title_before(text[:start], ENGLISH.names))


@pytest.mark.parametrize(
    ("text", "title", "role"),
    [
        ("On Monday Ann Hale, the mayor of Fenmouth, left.", None, "mayor of Fenmouth"),
        (
            "On Monday Ann Hale, 45, chief executive of Reed Shipping, left.",
            None,
            "chief executive of Reed Shipping",
        ),
        ("On Monday Ann Hale, a retired teacher, left.", None, "retired teacher"),
        ("On Monday Ann Hale, director at Reed & Co.", None, "director at Reed & Co"),
        ("Then striker Ann Hale left.", None, "striker"),
        ("Then former deputy coach Ann Hale left.", None, "former deputy coach"),
        ("Then Prime Minister Ann Hale left.", "Prime Minister", None),
        ("Then Dr. Ann Hale, a surgeon, left.", "Dr", "surgeon"),
        ("On Monday Ann Hale, who had waited, left.", None, None),
        ("On Monday Ann Hale, a lawyer said, left.", None, None),
        ("On Monday Ann Hale, a clerk of the court said, left.", None, None),
        ("On Monday Ann Hale, president of Fenmouth, Ohio-based Reed Shipping, left.", None, None),
        ("On Monday Ann Hale, Tom Reed and the mayor left.", None, None),
        ("However Ann Hale, however, left.", None, None),
        ("Ann Hale", None, None),
    ],
)
def test_titles_and_roles(text: str, title: str | None, role: str | None) -> None:
    mention = _mention(text)
    assert (title_of([mention], text), role_of([mention], text, ENGLISH.names)) == (title, role)


def test_the_first_mention_that_says_one_counts() -> None:
    text = "Then Ann Hale came. Later Ann Hale, the mayor, left. Ann Hale, an actor once, laughed."
    starts = [at for at in range(len(text)) if text.startswith("Ann Hale", at)]
    mentions = [Mention(at, at + 8, "PERSON", "Ann Hale") for at in starts]
    assert role_of(mentions, text, ENGLISH.names) == "mayor"
