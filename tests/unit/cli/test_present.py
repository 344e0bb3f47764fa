from __future__ import annotations

import pytest

from pipeline.cli.present import show_record, stated
from pipeline.record import Polarity
from tests.unit.stores.builders import full_record


@pytest.mark.parametrize(
    ("polarity", "shown"),
    [
        (Polarity.ASSERTED, "the pier is safe"),
        (Polarity.DENIED, "denied: the pier is safe"),
        (Polarity.DOUBTED, "doubted: the pier is safe"),
        (Polarity.HYPOTHETICAL, "may say: the pier is safe"),
        (Polarity.ASKED, "asked: the pier is safe"),
        (Polarity.REFUSED, "did not say: the pier is safe"),
    ],
)
def test_a_statement_says_what_its_speaker_has_to_do_with_it(polarity: Polarity, shown: str) -> None:
    assert stated("the pier is safe", polarity) == shown


def test_the_pieces_of_a_statement_are_one_line_with_all_its_speakers(
    capsys: pytest.CaptureFixture[str],
) -> None:
    whole = full_record()
    (quote,) = whole.quotes
    assert quote.speaker is not None
    other = quote.speaker.model_copy(update={"name": "Tom Reed"})
    both = quote.model_copy(update={"statement": "s1", "speakers": (quote.speaker, other)})
    show_record(whole.model_copy(update={"quotes": (both, both)}))
    shown = " ".join(capsys.readouterr().out.split())
    piece = "“The ferries may rest at last,”"
    assert shown.endswith(f"Ada Quill and Tom Reed [direct] {piece} … {piece}")


def test_what_is_less_sure_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    show_record(full_record(), least_confidence=0.95)
    assert "[direct]" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("tag", "said"),
    [("en-GB", False), ("qx", "no language pack for qx"), (None, "its language is not known")],
)
def test_an_article_that_nobody_could_read_says_so(
    tag: str | None, said: str | bool, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = full_record()
    show_record(whole.model_copy(update={"article": whole.article.model_copy(update={"language": tag})}))
    shown = capsys.readouterr().out
    assert f"passed unread: {said}" in shown if said else "passed unread" not in shown
