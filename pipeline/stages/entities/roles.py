"""Words for what people do that stand in front of their names: `Midfielder Karen Foster`.

At the start of a sentence they have a capital, and a model takes them for a given name. The class is open: a word is
one if a list has it, or if it is made like one and a given name stands behind it.
"""

from __future__ import annotations

import re
from functools import lru_cache

from pipeline.languages.names import Names
from pipeline.text.folding import NAMES_AT_MOST, fold
from pipeline.text.marks import DASHES

_HYPHEN = re.compile(rf"[{DASHES}-]")
_WORD = re.compile(r"\S+")
_FEWEST = 3  # words of a name in front of which a role may stand: the role, a given name, a surname
_SHORTEST = 5  # letters of a role that is known by its ending
_LONGEST = 4  # words of roles: "Former Climate Change Minister"


@lru_cache(maxsize=NAMES_AT_MOST)
def roles_length(text: str, names: Names) -> int:
    """How many characters at the start of a person's name are roles and the white space after them."""
    found = list(_WORD.finditer(text))
    at = 0
    while (
        len(found) - at >= _FEWEST
        and at < _LONGEST
        and is_role(found[at].group(), found[at + 1].group(), names)
    ):
        at += 1
    return found[at].start() if at else 0


def is_role(word: str, behind: str, names: Names) -> bool:
    """Whether a word is a role, `behind` being the one that follows it."""
    folded = fold(word.strip("("))
    if folded in names.given_names or not folded:
        return False
    return folded in names.words("persons", "roles") or (
        is_made_like_a_role(folded, names) and _is_given_name(behind, names)
    )


@lru_cache(maxsize=NAMES_AT_MOST)
def is_made_like_a_role(folded: str, names: Names) -> bool:
    """Whether a word ends as words for what people do end."""
    if len(folded) < _SHORTEST or folded in names.words("persons", "no_roles"):
        return False
    return _last_part(folded).endswith(tuple(names.words("persons", "role_endings")))


def _is_given_name(word: str, names: Names) -> bool:
    return _HYPHEN.split(fold(word))[0] in names.given_names


def _last_part(folded: str) -> str:
    return _HYPHEN.split(folded)[-1]
