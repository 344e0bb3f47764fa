"""Which name another one is short for: the indices give what comparing every two names gives."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.languages import ENGLISH
from pipeline.stages.entities.organisations import abbreviates, is_abbreviation, may_end, shortens
from pipeline.stages.entities.owners import Key, Owners

NAMES = ENGLISH.names
PARTS = ("Hale", "Motors", "of", "Rivers", "Union", "EU", "HM", "HMU", "A.B.", "Bank")
names = st.lists(st.sampled_from(PARTS), min_size=1, max_size=4).map(" ".join)
things = st.dictionaries(
    st.builds(Key, st.sampled_from(("ORG", "ORG", "place", "NORP")), names.map(str.lower)),
    st.lists(names, min_size=1, max_size=2),
    max_size=9,
)


def compared(key: Key, groups: dict[Key, list[str]]) -> Key | None:
    """The owner of `key`, found by comparing it with all."""
    surface = groups[key][0]
    if key.kind == "NORP":
        return None
    if is_abbreviation(surface):
        long = [
            other
            for other, forms in groups.items()
            if len(other.words) > len(key.words) and any(abbreviates(surface, form, NAMES) for form in forms)
        ]
        return long[0] if len(long) == 1 else None
    if key.kind != "ORG" or key.words in NAMES.words("cues", "generic"):
        return None
    longer = [other for other in groups if other.kind == "ORG"]
    for long in (
        [other for other in longer if shortens(key.words, other.words, NAMES)],
        [other for other in longer if may_end(key.words) and other.words.endswith(f" {key.words}")],
    ):
        if long:
            return long[0] if all(shortens(long[0].words, one.words, NAMES) for one in long[1:]) else None
    return None


@given(things)
def test_owners_are_those_that_comparing_all_names_gives(surfaces: dict[Key, list[str]]) -> None:
    groups = {key: list(forms) for key, forms in surfaces.items()}
    owners = Owners(surfaces, NAMES)
    for key in sorted(surfaces, key=lambda key: len(key.words)):
        owner = compared(key, groups)
        assert owners.take(key) == owner
        if owner:
            groups[owner] += groups.pop(key)
