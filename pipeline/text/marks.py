"""THE sets of quotation marks, apostrophes and dashes: whoever looks for one takes it from here.

Strings of single characters, to be put into a set, or between the brackets of a pattern (where a hyphen, which is in
none of them, comes last).
"""

from __future__ import annotations

from typing import Final

LEFT: Final = "“"
"""The double mark that opens in English, and closes in German."""
RIGHT: Final = "”"

DOUBLE_OPENING: Final = "“„‟«"
"""What opens a quotation. Some of them close one elsewhere: „so“, »so«."""
DOUBLE_CLOSING: Final = "”»"
DOUBLE_UPRIGHT: Final = '"＂'
"""What looks the same on both sides."""
DOUBLE: Final = DOUBLE_UPRIGHT + DOUBLE_OPENING + DOUBLE_CLOSING

APOSTROPHE: Final = "'"
GRAVE: Final = "`"
SINGLE_OPENING: Final = "‘‚"
SINGLE_CLOSING: Final = "’"
SINGLE: Final = SINGLE_OPENING + SINGLE_CLOSING + APOSTROPHE + GRAVE
SINGLE_LOOKALIKES: Final = "‛´"
"""What some keyboards put for an apostrophe; nobody quotes with them."""

QUOTATION: Final = DOUBLE + SINGLE
"""Every mark that a quotation may have."""
OPENS: Final = DOUBLE_UPRIGHT + DOUBLE_OPENING + APOSTROPHE + SINGLE_OPENING
"""What may stand in front of quoted words."""
CLOSES_DOUBLE: Final = DOUBLE_UPRIGHT + DOUBLE_CLOSING
CLOSES: Final = CLOSES_DOUBLE + APOSTROPHE + SINGLE_CLOSING
"""What may stand behind quoted words, and behind the full stop of a quoted sentence."""

APOSTROPHES: Final = APOSTROPHE + SINGLE_CLOSING
"""What may be part of a word: `Li's`, `O’Hara`."""

DASHES: Final = "‒–—―"
"""Figure dash, en dash, em dash and horizontal bar."""
DASH_WORDS: Final = frozenset({"-", "--", *DASHES})
"""What sets words apart where it stands between spaces, those of a typewriter included."""

UPRIGHT: Final = str.maketrans(
    {**dict.fromkeys(DOUBLE, '"'), **dict.fromkeys(SINGLE + SINGLE_LOOKALIKES, APOSTROPHE)}
)
"""For `str.translate`: every mark as a typewriter has it."""
