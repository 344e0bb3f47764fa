"""Names in headlines whose capitals say nothing: in a title-case headline every word looks like a name."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.languages.names import Names
from pipeline.stages.entities.finding import occurrences
from pipeline.stages.entities.gazetteer import place_weight
from pipeline.stages.entities.mentions import PLACES, Mention
from pipeline.stages.entities.organisations import is_abbreviation
from pipeline.text.folding import fold
from pipeline.text.marks import APOSTROPHES

_WORD = re.compile(rf"[^\W\d_][\w{APOSTROPHES}.-]*")
_SMALL_WORD = 4
_CAPITALISED = 0.75
_FEW_WORDS = 4
_KINDS = ("building_last", "organisation_last", "place_last", "generic")
_FEW_IN_CAPITALS = 2  # words of a line in capitals, whose capitals say nothing however few they are


def is_in_title_case(headline: str) -> bool:
    """Whether (nearly) all words that are not small are capitalised, so that capitals mark no names."""
    found = [word for word in _WORD.findall(headline) if len(word) >= _SMALL_WORD]
    fewest = _FEW_IN_CAPITALS if headline.isupper() else _FEW_WORDS
    return len(found) >= fewest and sum(word[0].isupper() for word in found) >= _CAPITALISED * len(found)


def in_headline(
    start: int, headline: str, found: Sequence[Mention], body: Sequence[Mention], names: Names
) -> list[Mention]:
    """The mentions of a headline in title case or capitals.

    What the body names is found by its words. Of what the recogniser `found` beside it, known names of places
    and organisations stay, and what the body supports in part; the rest are words that only look like names.
    """
    known = {mention.text: mention for mention in body if mention.text[:1].isupper()}
    for mention in body:
        if mention.label == "PERSON":
            known.setdefault(mention.text.rsplit(" ", 1)[-1], mention)
    by_form = {name.upper() if headline.isupper() else name: mention for name, mention in known.items()}
    kept = [
        Mention(start + at, start + at + len(form), by_form[form].label, form)
        for at, form in occurrences(headline, [form for form in by_form if len(form) > 1])
    ]
    kept = _in_full(kept, found)
    taken = {at for mention in kept for at in range(mention.start, mention.end)}
    free = [mention for mention in found if taken.isdisjoint(range(mention.start, mention.end))]
    parts = [mention if _stands_alone(mention, names) else _place_at_end(mention, names) for mention in free]
    return kept + [mention for mention in parts if mention]


def _place_at_end(mention: Mention, names: Names) -> Mention | None:
    """The known place that words which only look like a name end with: `Lima` of `Protests Rock Lima`."""
    first, _, last = mention.text.rpartition(" ")
    folded = fold(last)
    is_kind = any(
        folded in names.words("cues", key) for key in _KINDS
    )  # a village called Airport is not meant
    is_given = bool(first) and fold(first.split(maxsplit=1)[0]) in names.given_names
    if not first or is_given or is_kind or not place_weight(folded, names):
        return None
    return mention.cut(left=len(first) + 1).labelled("GPE")


def _in_full(kept: Sequence[Mention], found: Sequence[Mention]) -> list[Mention]:
    """What the body names, with the given names before a surname where the recogniser saw a person."""
    full = {mention.end: mention for mention in found if mention.label == "PERSON" and " " in mention.text}
    longer = {mention.end: full.get(mention.end, mention) for mention in kept if " " not in mention.text}
    return [
        given if (given := longer.get(mention.end, mention)).start < mention.start else mention
        for mention in kept
    ]


def _stands_alone(mention: Mention, names: Names) -> bool:
    folded = fold(mention.text)
    if mention.label in PLACES or mention.label == "NORP":
        return place_weight(folded, names) > 0 or mention.label == "NORP"
    return folded in names.words("organisations", "known") or (
        is_abbreviation(mention.text) and not mention.text.islower()
    )
