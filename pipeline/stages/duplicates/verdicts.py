"""When two articles tell the same story, and what the later one is to the earlier."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.record import Verdict
from pipeline.stages.duplicates.similarity import Numbers, Overlap
from pipeline.stages.duplicates.tokens import Flags


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
        frequent: a shingle in more stories than this is nobody's own.
    """

    jaccard: float = 0.35
    containment: float = 0.5
    numbers: float = 0.6
    novelty: float = 0.5
    redundant: float = 0.7
    frequent: int = 4


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


def contradict(numbers: Numbers, thresholds: Thresholds) -> Flags:
    """Which pairs differ too much in their numbers to tell the same story."""
    # A comparison with nan is false: a text without numbers can't disagree.
    return numbers.shared < thresholds.numbers


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


def verdict_of(novelty: float, thresholds: Thresholds) -> Verdict:
    """What an article with this share of new text is to an earlier one of the same story."""
    return Verdict.UPDATE if novelty > thresholds.novelty else Verdict.NEAR
