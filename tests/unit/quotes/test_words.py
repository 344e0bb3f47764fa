"""How prose is cut into words, and that the word lists and the code that reads them know the same words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.languages import ENGLISH
from pipeline.languages.speech import PREP
from pipeline.stages.quotes import tokens
from pipeline.stages.quotes.clauses import Scanner
from pipeline.stages.quotes.tokens import CAPITAL, LENGTH, LOW, SPELT, TAG, tokenise

PROSE = st.lists(
    st.sampled_from(
        ["Li", "said,", "that", "(the", "U.S.", "harbour", "--", "re-opened.", "5", "won’t", "“"]
    ),
    min_size=1,
    max_size=30,
)
GAPS = st.lists(st.sampled_from([" ", "  ", "\n", " \t", "\u2003"]), min_size=30, max_size=30)


def spelt(text: str) -> list[str]:
    return [token[SPELT] for token in tokenise(text, 0, len(text), ENGLISH.speech)[0]]


def test_words_marks_and_abbreviations_are_tokens_of_their_own() -> None:
    assert spelt("Well-known (in the U.S.), Li won’t -- 3.5% of them...") == [
        *("Well-known", "(", "in", "the", "U.S.", ")", ",", "Li", "won’t", "--"),
        *("3.5", "%", "of", "them", "..."),
    ]


def test_a_token_tells_its_class_its_length_and_its_capital() -> None:
    found, starts = tokenise("of Li’s", 0, 7, ENGLISH.speech)
    assert [(t[LOW], t[LENGTH], t[CAPITAL]) for t in found] == [("of", 2, False), ("li's", 4, True)]
    assert found[0][TAG] == PREP
    assert starts == [0, 3]


@settings(max_examples=100)
@given(PROSE, GAPS)
def test_every_token_stands_where_its_offset_says(words: list[str], gaps: list[str]) -> None:
    text = "".join(gap + word for word, gap in zip(words, gaps, strict=False)) + gaps[-1]
    found, starts = tokenise(text, 0, len(text), ENGLISH.speech)
    assert "".join(token[SPELT] for token in found) == "".join(words)
    assert all(text.startswith(token[SPELT], start) for token, start in zip(found, starts, strict=True))


def test_what_is_forgotten_is_read_again_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "Li opened the pier, the ferry and the tower; Li closed the market, the tower and the pier."
    before = tokenise(text, 0, len(text), ENGLISH.speech)
    monkeypatch.setattr(tokens, "_MOST_KNOWN", 3)
    pieces = tokens._Pieces(ENGLISH.speech)
    monkeypatch.setattr(tokens, "_pieces_of", lambda _: pieces)
    assert tokenise(text, 0, len(text), ENGLISH.speech) == before
    assert len(pieces) <= 3


def test_every_word_that_makes_a_cue_with_others_has_its_reader() -> None:
    speech = ENGLISH.speech
    assert set(speech.phrasal.values()) == Scanner.READERS.keys()
    assert speech.phrasal.keys() <= speech.telling
