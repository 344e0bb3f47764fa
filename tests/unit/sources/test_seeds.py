"""The seeds and their gold file agree: what the gold says is there is there, and nothing marked is left unsaid.

tests/gold/seeds.json has an entry for each article, named by its file, in JSON lines with `:LINE`:

- `verdict` and `duplicate_of`: what it is when the seeds are read in order, and the article it is that of;
- `people` by full name without titles, `places` (countries by their common ISO name) and `organisations`;
- `quotes` in order, as `text` with its marks, `kind` and `speaker` by full name; the speaker is null for sources
  without a name, which are marked `anonymous`. Indirect speech is given where its limits are plain;
- `not_quotes`: words in marks that nobody is reported to have said (titles, nicknames, irony, what is denied).
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from pipeline.record import Article, QuoteKind, Verdict
from pipeline.sources import read_articles

_ROOT = Path(__file__).parents[3]
_SEEDS = _ROOT / "seeds"
_GOLD: dict[str, dict[str, Any]] = json.loads((_ROOT / "tests/gold/seeds.json").read_text("utf-8"))
# Countries stand in the gold under one name; these articles write them otherwise.
_WRITTEN_AS = {"United Kingdom": "U.K."}
_MARKED = re.compile(r'["“][^"“”]{3,}["”“]|‘[^‘’]{3,}’(?!\w)')


def _articles() -> dict[str, Article]:
    found = {}
    for path in sorted(_SEEDS.iterdir()):
        for number, article in enumerate(read_articles([path]), 1):
            assert isinstance(article, Article), article
            found[f"{path.name}:{number}" if path.suffix == ".jsonl" else path.name] = article
    return found


_ARTICLES = _articles()


def test_every_article_has_its_gold_entry_and_an_id_of_its_own() -> None:
    assert list(_ARTICLES) == list(_GOLD)
    assert len({article.article_id for article in _ARTICLES.values()}) == len(_ARTICLES) >= 16


@pytest.mark.parametrize("name", _GOLD)
def test_quotes_stand_in_the_article_in_the_order_of_the_gold(name: str) -> None:
    text = _ARTICLES[name].text
    position = 0
    for quote in _GOLD[name]["quotes"]:
        assert quote["kind"] in list(QuoteKind)
        found = text.find(quote["text"], position)
        assert found >= 0, quote["text"]
        position = found + 1


@pytest.mark.parametrize("name", _GOLD)
def test_names_and_speakers_stand_in_the_article(name: str) -> None:
    gold, text = _GOLD[name], _ARTICLES[name].text
    named = [*gold["people"], *gold["places"], *gold["organisations"]]
    assert len(named) == len(set(named))
    for one in named:
        assert _WRITTEN_AS.get(one, one) in text, one
    speakers = {quote["speaker"] for quote in gold["quotes"]} - {None}
    assert speakers <= {*gold["people"], *gold["organisations"]}


@pytest.mark.parametrize("name", [name for name, gold in _GOLD.items() if gold["language"] == "en"])
def test_whatever_stands_in_marks_is_a_quote_or_listed_as_none(name: str) -> None:
    gold = _GOLD[name]
    quotes = [quote["text"] for quote in gold["quotes"]]
    for marked in _MARKED.findall(_ARTICLES[name].text):
        inside_a_quote = any(marked in quote or quote in marked for quote in quotes)
        assert inside_a_quote or marked in gold["not_quotes"], marked


@pytest.mark.parametrize("name", _GOLD)
def test_language_and_headline_are_recognised(name: str) -> None:
    article = _ARTICLES[name]
    assert article.language == _GOLD[name]["language"]
    assert article.title
    assert article.text.startswith(article.title)


def test_copies_and_updates_point_to_an_original_before_them() -> None:
    order = list(_GOLD)
    for name, gold in _GOLD.items():
        if gold["verdict"] == Verdict.ORIGINAL:
            assert gold["duplicate_of"] is None
        else:
            assert Verdict(gold["verdict"])
            assert order.index(gold["duplicate_of"]) < order.index(name)
            assert _GOLD[gold["duplicate_of"]]["verdict"] == Verdict.ORIGINAL


def test_the_seeds_show_every_verdict_that_a_first_run_can_give() -> None:
    assert {gold["verdict"] for gold in _GOLD.values()} == set(Verdict) - {Verdict.REVISION}
