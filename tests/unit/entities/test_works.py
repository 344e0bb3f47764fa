"""What stands in quotation marks beside a work is one too, and has the article that opens it."""

from __future__ import annotations

import pytest

from pipeline.stages.entities.works import titled
from tests.unit.entities.test_evidence import labels, marked


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "He wrote “[Salt|GPE]” and “The [Last Ferry|WORK_OF_ART]”.",
            [("Salt", "WORK_OF_ART"), ("The Last Ferry", "WORK_OF_ART")],
        ),
        (
            "She sang '[Old Harbour|WORK_OF_ART],' '[Brindle|PERSON]' and '[Tide|ORG]'.",
            [("Old Harbour", "WORK_OF_ART"), ("Brindle", "PERSON"), ("Tide", "ORG")],
        ),
        (
            "He read “[Old Harbour|WORK_OF_ART],” and “[Brindle|PERSON].”",
            [("Old Harbour", "WORK_OF_ART"), ("Brindle", "WORK_OF_ART")],
        ),
        (
            "“[Old Harbour|WORK_OF_ART]” and [Brindle|GPE] are new.",
            [("Old Harbour", "WORK_OF_ART"), ("Brindle", "GPE")],
        ),
    ],
)
def test_a_list_of_quoted_names_with_a_work_in_it_is_of_works(
    text: str, expected: list[tuple[str, str]]
) -> None:
    plain, mentions = marked(text)
    assert labels(titled(mentions, plain)) == expected
