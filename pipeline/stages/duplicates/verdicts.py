"""When two articles tell the same story, and what the later one is to the earlier."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.record import Relation, Verdict
from pipeline.stages.duplicates.series import PROSE
from pipeline.stages.duplicates.similarity import ENOUGH_NUMBERS, Floats, Numbers, Overlap
from pipeline.stages.duplicates.tokens import U8, Flags


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """The settings of the decision, all but one shares in 0..1.

    Attributes:
        jaccard: texts whose own shingles are this alike tell the same story, if their numbers agree,
        containment: or if so much of the shorter one is in the longer one.
        numbers: the share of the numbers of one text that the other must have: forms filled in anew (weather,
            markets, results) have other numbers.
        novelty: an article with a larger share of new text is an update.
        redundant: a copy at least this alike finds nothing that its match does not find.
        frequent: a shingle in more stories than this is nobody's own,
        frequent_in_source: or more than this, for two articles of one source whose headlines have no word in common.
    """

    jaccard: float = 0.35
    containment: float = 0.5
    numbers: float = 0.6
    novelty: float = 0.5
    redundant: float = 0.7
    frequent: int = 4
    frequent_in_source: int = 2


_STRONG_JACCARD, _STRONG_CONTAINMENT = 0.5, 0.7
"""Of whole texts: above these, what a text has of its own need not prove the story, only not disprove it."""
_DISPROOF = 0.25
"""Containment of the shingles of its own below which a text that is otherwise alike is the same boilerplate."""
_SAME_TEXT = 0.9
"""Jaccard index of whole texts above which nothing disproves the story but numbers."""
_REWRITTEN_CONTAINMENT, _REWRITTEN_NUMBERS, _REWRITTEN_NUMBERS_SEEN = 0.28, 0.95, 8
"""A rewrite leaves less of the wording, but all of many numbers."""
_LEAST_SHARED = 8
"""Sampled shingles that two texts must share at least: less is chance, or a phrase."""
_LEAST_SEEN = 6
"""Sampled shingles of its own that a text must have to disprove anything."""


LEAST_CONTAINMENT = 0.25
"""Of whole texts: below this no two are looked at more closely."""


_SOME_NUMBERS = 0.3
_VERBATIM_CONTAINMENT, _VERBATIM_SHARED = 0.8, 40
"""Of prose that is the same but for its numbers: a toll that rose, hours and counts of the page around it."""
_TAKE_CONTAINMENT = 0.5
"""Of what says itself that it corrects or updates an earlier text."""

_CORE_JACCARD, _CORE_CONTAINMENT = 0.45, 0.62
"""Of whole texts: above these (with room for the error of an estimate) two articles belong to one cluster."""
_EXCERPT_JACCARD = 0.5
_COPIED_TAKE = 0.8
"""Jaccard index of two texts with one mark above which one is a copy of the other, and not the next correction."""


def contradict(numbers: Numbers, thresholds: Thresholds) -> Flags:
    """Which pairs differ too much in their numbers to tell the same story."""
    # A comparison with nan is false: a text without numbers can't disagree.
    return numbers.shared < thresholds.numbers


def may_be_excused(numbers: Numbers, figures: Floats, takes: Flags) -> Flags:
    """Which pairs that differ in their numbers are worth a closer look.

    Args:
        numbers: agreement in numbers.
        figures: numbers a shingle, of the text that has more of them.
        takes: whether the newer text says that it corrects or updates one.
    """
    few = numbers.seen < ENOUGH_NUMBERS
    return takes | (figures < PROSE) & (few | (numbers.shared >= _SOME_NUMBERS))


def excused(whole: Overlap, takes: Flags) -> Flags:
    """Which of these are so much alike that their numbers only show that time has passed."""
    verbatim = (whole.containment >= _VERBATIM_CONTAINMENT) & (whole.shared >= _VERBATIM_SHARED)
    return verbatim | takes & (whole.containment >= _TAKE_CONTAINMENT)


def tells_on(newer: U8, earlier: U8, whole: Overlap) -> Flags:
    """Which pairs have a newer text that says it corrects or updates one, unless it is a copy of what says the same.

    Args:
        newer: the takes of the newer texts.
        earlier: of the earlier ones.
        whole: overlap of the texts by all their shingles.
    """
    told: Flags = (newer > 0) & ((newer != earlier) | (whole.jaccard < _COPIED_TAKE))
    return told


def same_story(whole: Overlap, own: Overlap, numbers: Numbers, thresholds: Thresholds) -> Flags:
    """Which pairs tell the same story, of those that don't contradict each other.

    Args:
        whole: overlap of the texts by all their shingles.
        own: by the shingles that few stories have.
        numbers: agreement in numbers.
        thresholds: the settings.
    """
    alike = (own.jaccard >= thresholds.jaccard) | (own.containment >= thresholds.containment)
    rewritten = (own.containment >= _REWRITTEN_CONTAINMENT) & (numbers.shared >= _REWRITTEN_NUMBERS)
    rewritten &= numbers.seen >= _REWRITTEN_NUMBERS_SEEN
    strong = (whole.jaccard >= _STRONG_JACCARD) | (whole.containment >= _STRONG_CONTAINMENT)
    strong &= (own.containment >= _DISPROOF) | (own.seen < _LEAST_SEEN) | (whole.jaccard >= _SAME_TEXT)
    return (alike | rewritten) & (own.shared >= _LEAST_SHARED) | strong & (whole.shared >= _LEAST_SHARED)


def belong_together(jaccard: float, containment: float) -> bool:
    """Whether two articles of one story are of one cluster for what they have in common, not for who else is in it."""
    return jaccard >= _CORE_JACCARD or containment >= _CORE_CONTAINMENT


def verdict_of(novelty: float, thresholds: Thresholds) -> Verdict:
    """What an article with this share of new text is to an earlier one of the same story."""
    return Verdict.UPDATE if novelty > thresholds.novelty else Verdict.NEAR


def relation_of(verdict: Verdict, jaccard: float, *, corrects: bool) -> Relation:
    """What an article with this verdict is to the one that it was matched to."""
    if verdict is Verdict.UPDATE:
        return Relation.CORRECTS if corrects else Relation.UPDATE
    return Relation.COPY if jaccard >= _EXCERPT_JACCARD else Relation.EXCERPT
