"""What of a text counts when two texts are compared: letters and digits, not how they were set.

Outlets differ in case, quotation marks, dashes, white space, soft hyphens, character encodings and HTML entities
left over; none of these makes another story. A text is folded here and cut into tokens in `tokens`, where
everything that is neither letter nor digit only separates.
"""

from __future__ import annotations

import html
import re
from functools import cache

from pipeline.text.normal_form import nfkc

_ENTITY_ROUNDS = 2
"""An ampersand that was escaped twice (`&amp;quot;`) is common in feeds; more rounds were never needed."""

_NO_CODE = re.compile("&#[0-9]{100,}+;?+")
"""No character has a number of so many digits, and Python refuses to read one of thousands."""

_MARKS = "\u2018\u2019\u201c\u201d\u2013\u2014\u2026\u00a0"
"""Quote marks, dashes, the ellipsis and the hard space: they separate as a space does, and are often all that keeps
a text from being ASCII, which is folded and cut much faster."""


def normalise(text: str) -> str:
    """Fold `text`: HTML entities resolved, Unicode NFKC, case folded; but letters in ASCII alone keep their case.

    Args:
        text: an article's text of any length and script.

    Returns:
        The folded text. Its length is in general not that of `text`. One in ASCII may still have capitals, which
        `tokenise` folds for many texts at once.
    """
    for _ in range(_ENTITY_ROUNDS):
        if "&" not in text:
            break
        text = html.unescape(_NO_CODE.sub("", text))
    if not text.isascii():
        for mark in _MARKS:
            text = text.replace(mark, " ")
    if text.isascii():
        return text
    return _folded_in_latin_1(text) or _folded(text)


def _folded_in_latin_1(text: str) -> str | None:
    """The folded text, a byte at a time, if its characters fold to single ones of Latin-1."""
    try:
        letters = text.encode("latin-1").replace(b"\xdf", b"ss")
    except UnicodeEncodeError:
        return None
    alike, others = _latin_1()
    if len(letters.translate(None, others)) < len(letters):
        return None
    return letters.translate(alike).decode("latin-1")


def _folded(text: str) -> str:
    # Case folding can leave the normal form (as for a capital I with a dot above).
    return nfkc(nfkc(text).casefold())


@cache
def _latin_1() -> tuple[bytes, bytes]:
    """What each byte folds to, and those that don't fold to another."""
    folded = [_folded(chr(code)) for code in range(256)]
    single = [len(fold) == 1 and fold <= "\xff" for fold in folded]
    return (
        bytes(ord(fold) if one else 0 for fold, one in zip(folded, single, strict=True)),
        bytes(code for code, one in enumerate(single) if not one),
    )
