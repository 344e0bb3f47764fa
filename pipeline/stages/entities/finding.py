"""Where known names stand in a text, as whole words."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

# What may not stand before a word is looked for behind its first letter: the engine skips to such letters fast.
_WORD = re.compile(r"\w(?<![\w-].)\w*")
_CAPITALISED = re.compile(r"[^\Wa-z](?<![\w-].)\w*")
_GOES_ON = re.compile(r"[\w-]")


def occurrences(text: str, names: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Yield (start, name) wherever one of `names` stands in `text`, the longest at each place, not overlapping.

    By an index of the names' first words: compiling a pattern of all names costs more than reading an article.
    """
    by_word: defaultdict[str, dict[int, set[str]]] = defaultdict(
        dict
    )  # names by their lengths, the longest first
    for name in sorted(names, key=len, reverse=True):
        if first := _WORD.match(name):
            by_word[first.group()].setdefault(len(name), set()).add(name)
    first_words = _CAPITALISED if all(map(_CAPITALISED.match, by_word)) else _WORD
    reached = 0
    for word in first_words.finditer(text):
        beginning_with_it = by_word.get(word.group())
        if beginning_with_it and (start := word.start()) >= reached:
            for length, of_length in beginning_with_it.items():
                name = text[start : start + length]
                if name in of_length and not _GOES_ON.match(text, start + length):
                    reached = start + length
                    yield start, name
                    break
