"""The stems of English words, as the store's full text search has them (Porter's algorithm of 1980, as in FTS5)."""

from __future__ import annotations

import re

_SHORTEST, _LONGEST = 3, 64  # bytes of UTF-8: others are left as they are
_LEAST = 2  # sequences, see _measure

_SECOND = {
    "ational": "ate", "tional": "tion", "enci": "ence", "anci": "ance", "izer": "ize", "logi": "log", "bli": "ble",
    "alli": "al", "entli": "ent", "eli": "e", "ousli": "ous", "ization": "ize", "ation": "ate", "ator": "ate",
    "alism": "al", "iveness": "ive", "fulness": "ful", "ousness": "ous", "aliti": "al", "iviti": "ive",
    "biliti": "ble",
}  # fmt: skip
_THIRD = {"icate": "ic", "ative": "", "alize": "al", "iciti": "ic", "ical": "ic", "ful": "", "ness": ""}
_FOURTH = dict.fromkeys(
    ("al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion", "ou", "ism", "ate", "iti",
     "ous", "ive", "ize"),
    "",
)  # fmt: skip


def stem(word: str) -> str:
    """The stem of a word in lower case; two words are found by one another when theirs are the same."""
    if not _SHORTEST <= len(word.encode()) <= _LONGEST:
        return word
    word = _plural(word)
    word = _tense(word)
    if word.endswith("y") and _has_vowel(word[:-1]):
        word = f"{word[:-1]}i"
    word = _replaced(word, _SECOND, 1)
    word = _replaced(word, _THIRD, 1)
    word = _replaced(word, _FOURTH, _LEAST)
    return _without_end(word)


def _plural(word: str) -> str:
    if word[1:].endswith(("sses", "ies")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _tense(word: str) -> str:
    if word[1:].endswith("eed"):
        return word[:-1] if _measure(word[:-3]) else word
    for end in ("ed", "ing"):
        if word.endswith(end):
            before = word[: -len(end)]
            return _mended(before) if _has_vowel(before) else word
    return word


def _mended(word: str) -> str:
    """A word that has lost its `ed` or `ing`, with the end that it had before."""
    if word.endswith(("at", "bl", "iz")):
        return f"{word}e"
    if word[-1:] == word[-2:-1] and word[-1] not in "aeioulsz":
        return word[:-1]
    return f"{word}e" if _measure(word) == 1 and _is_short(word) else word


def _replaced(word: str, ends: dict[str, str], least: int) -> str:
    """The word with the longest of these ends replaced, where what is before it is long enough."""
    for length in range(min(7, len(word) - 1), 1, -1):
        end = word[-length:]
        if end in ends:
            before = word[:-length]
            if _measure(before) < least or (end == "ion" and before[-1] not in "st"):
                return word
            return before + ends[end]
    return word


def _without_end(word: str) -> str:
    if word.endswith("e"):
        before = word[:-1]
        length = _measure(before)
        if length >= _LEAST or (length == 1 and not _is_short(before)):
            word = before
    return word[:-1] if word.endswith("ll") and _measure(word[:-1]) >= _LEAST else word


def _form(word: str) -> str:
    """The word with `v` for each vowel and `c` for each consonant; `y` is a vowel behind a consonant."""
    form = ""
    for letter in word:
        form += "v" if letter in "aeiou" or (letter == "y" and form.endswith("c")) else "c"
    return form


def _measure(word: str) -> int:
    """How many sequences of vowels have consonants behind them."""
    return _form(word).count("vc")


def _has_vowel(word: str) -> bool:
    return "v" in _form(word)


def _is_short(word: str) -> bool:
    return bool(_SHORT_END.search(_form(word))) and word[-1] not in "wxy"


_SHORT_END = re.compile("cvc$")
