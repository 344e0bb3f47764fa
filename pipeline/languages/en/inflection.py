"""The regular forms of English verbs and nouns."""

from __future__ import annotations

_VOWELS = frozenset("aeiou")
_NEVER_DOUBLED = frozenset("wxy")
_HISSING = ("s", "sh", "ch", "x", "z", "o")
# Two-syllable verbs stressed on the first syllable, whose last consonant stays single.
_NO_DOUBLING = frozenset(
    {"mutter", "murmur", "whisper", "utter", "offer", "answer", "wonder", "order", "venture"}
)
_ONE_SYLLABLE = range(3, 5)  # letters


def inflect(lemma: str) -> tuple[str, str, str]:
    """The regular third person (of a noun the plural), past and -ing form of a verb."""
    if lemma.endswith("e"):
        return lemma + "s", lemma + "d", lemma[:-1] + "ing"
    if lemma.endswith("y") and lemma[-2] not in _VOWELS:
        return lemma[:-1] + "ies", lemma[:-1] + "ied", lemma + "ing"
    stem = lemma + lemma[-1] if _doubles(lemma) else lemma
    return lemma + ("es" if lemma.endswith(_HISSING) else "s"), stem + "ed", stem + "ing"


def _doubles(lemma: str) -> bool:
    """Whether the last consonant is written twice before an ending: `stop`, `stopped`."""
    return len(lemma) in _ONE_SYLLABLE and _ends_short(lemma) and lemma not in _NO_DOUBLING


def _ends_short(lemma: str) -> bool:
    vowels = [letter in _VOWELS for letter in lemma[-3:]]
    return vowels == [False, True, False] and lemma[-1] not in _NEVER_DOUBLED
