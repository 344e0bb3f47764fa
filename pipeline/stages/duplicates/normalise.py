"""What of a text counts when two texts are compared: letters and digits, not how they were set.

Outlets differ in case, quotation marks, dashes, white space, soft hyphens, character encodings and HTML entities
left over; none of these makes another story. A text is folded here and cut into tokens in `tokens`, where
everything that is neither letter nor digit only separates.
"""

from __future__ import annotations

import html
import unicodedata

_ENTITY_ROUNDS = 2
"""An ampersand that was escaped twice (`&amp;quot;`) is common in feeds; more rounds were never needed."""


def normalise(text: str) -> str:
    """Fold `text`: HTML entities resolved, Unicode NFKC, case folded.

    Args:
        text: an article's text of any length and script.

    Returns:
        The folded text. Its length is in general not that of `text`.
    """
    for _ in range(_ENTITY_ROUNDS):
        if "&" not in text:
            break
        text = html.unescape(text)
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKC", text).casefold()
    # Case folding can leave the normal form (as for a capital I with a dot above).
    return unicodedata.normalize("NFKC", folded)
