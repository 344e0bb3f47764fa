"""What changed between two texts of one story: the sentences that were added and removed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.text.marks import CLOSES
from pipeline.text.paragraphs import paragraphs

# A stop, what may close behind it, white space, and then no small letter. An initial or a title before the stop
# ("J. Reed", "Mrs. Reed") is no end; where that is wrong, two sentences are shown as one.
_END = re.compile(rf"(?<![\s.][A-Z])(?<!\bM[rs])(?<!\bDr)(?<!\bMrs)[.!?…][{CLOSES})\]]*\s+(?=[^\sa-z])")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Changes:
    """Whole sentences, in the order of their text. Moved ones are in neither."""

    added: tuple[str, ...]
    removed: tuple[str, ...]


def changes(old: str, new: str) -> Changes:
    """Compare two texts sentence by sentence; case, punctuation and white space make no difference."""
    before, after = dict(_keyed(old)), dict(_keyed(new))
    return Changes(
        added=tuple(sentence for key, sentence in after.items() if key not in before),
        removed=tuple(sentence for key, sentence in before.items() if key not in after),
    )


def sentences(text: str) -> Iterator[str]:
    """Yield the sentences of `text`, paragraph by paragraph, each on one line."""
    for start, end in paragraphs(text):
        cut = start
        for stop in _END.finditer(text, start, end):
            yield " ".join(text[cut : stop.end()].split())
            cut = stop.end()
        yield " ".join(text[cut:end].split())


def _keyed(text: str) -> Iterator[tuple[str, str]]:
    for sentence in sentences(text):
        if words := " ".join(_WORD.findall(sentence.casefold())):
            yield words, sentence
