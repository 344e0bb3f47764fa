"""Forms that are filled in anew, and what the pages of one outlet share: alike in words, different stories."""

from __future__ import annotations

import pytest

from pipeline.record import Article, Duplicate, Relation, Verdict
from pipeline.stages.duplicates import Deduplicator, MemoryStateStore
from tests.unit.duplicates.newsroom import article, edited, prose, words

_FUND = (
    "Cresswell {name} fund pays\n\nMonthly dividend {rate} cents against {rate} cents before. Payable on June 30 "
    "to holders of record on June 15. The Cresswell {name} fund invests in bonds that are free of tax."
)
_FORECAST = (
    "Forecast for {name}\n\nSun with some cloud, highs near {rate} degrees, light winds from the west. Tonight clear, "
    "lows near {low}. The coast guard of {name} warns of currents at the outer piers after dusk."
)
_TENDER = (
    "Central bank gives {rate} million crowns of help\n\nThe central bank of Fennmark said it gave the money market "
    "{rate} million crowns of help this morning, against a shortage that it puts at {low} million. It bought bills of "
    "local authorities outright at unchanged rates, and said that it would look at the position again after noon."
)


def _verdicts(*articles: Article) -> list[Duplicate]:
    return [each for each in Deduplicator(MemoryStateStore()).decide(articles) if isinstance(each, Duplicate)]


@pytest.mark.parametrize(
    ("form", "one", "other"),
    [
        (_FUND, {"name": "Insured", "rate": "7.1"}, {"name": "Northmark Insured", "rate": "6.6"}),
        (_FUND, {"name": "Coastal", "rate": "5.2"}, {"name": "High-Yield", "rate": "8.4"}),
        (
            _FORECAST,
            {"name": "the Outer Isles", "rate": "24", "low": "15"},
            {"name": "Lower Saltmarsh", "rate": "19", "low": "11"},
        ),
    ],
)
def test_one_form_about_two_subjects_is_two_stories_in_one_minute(
    form: str, one: dict[str, str], other: dict[str, str]
) -> None:
    _, second = _verdicts(article("a", form.format(**one)), article("b", form.format(**other), hours=0.01))
    assert second.verdict is Verdict.ORIGINAL


@pytest.mark.parametrize("days", [1, 2])
def test_the_next_issue_of_a_series_is_another_story(days: int) -> None:
    monday, later = _TENDER.format(rate=37, low=700), _TENDER.format(rate=24, low=500)
    _, second = _verdicts(article("a", monday), article("b", later, hours=24 * days))
    assert second.verdict is Verdict.ORIGINAL


@pytest.mark.parametrize("hours", [0, 26])
def test_a_form_that_is_sent_again_with_its_numbers_is_a_copy(hours: int) -> None:
    sent = _TENDER.format(rate=37, low=700)
    _, again = _verdicts(article("a", sent), article("b", sent + " More follows.", hours=hours))
    assert (again.verdict, again.relation, again.duplicate_of) == (Verdict.NEAR, Relation.COPY, "a")


def test_a_copy_of_a_correction_corrects_nothing() -> None:
    wrong = f"Ferry lost\n\n{prose(words(1))}"
    right = f"CORRECTED-Ferry lost\n\n{prose(edited(words(1), 0.1))}"
    _, corrects, copy = _verdicts(
        article("a", wrong), article("b", right), article("c", f"{right}\n\nCourier.")
    )
    assert (corrects.relation, corrects.duplicate_of) == (Relation.CORRECTS, "a")
    assert (copy.relation, copy.duplicate_of) == (Relation.COPY, "b")


@pytest.mark.parametrize("together", [1, 20, 40])
def test_pages_of_one_outlet_are_not_tied_by_the_text_around_them(together: int) -> None:
    """However many come at once: what they share is counted while they come."""
    around = words(99, 150)
    pages = [article(f"{at}", prose(words(100 + at, 60) + around), hours=at / 60) for at in range(40)]
    stage = Deduplicator(MemoryStateStore())
    verdicts = [
        each
        for at in range(0, len(pages), together)
        for each in stage.decide(pages[at : at + together])
        if isinstance(each, Duplicate)
    ]
    assert sum(each.verdict is Verdict.ORIGINAL for each in verdicts) >= 37
    assert {each.verdict for each in verdicts[4:]} == {Verdict.ORIGINAL}
