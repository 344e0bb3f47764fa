"""When two articles tell the same story, and what the later one is to the earlier."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.models import Verdict
from pipeline.stages.duplicates.similarity import Similarity
from pipeline.stages.duplicates.tokens import Flags


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """The settings of the decision, all shares in 0..1.

    Attributes:
        jaccard: texts this alike tell the same story, if their numbers agree,
        containment: or if so much of the shorter one is in the longer one.
        numbers: the share of the numbers of one text that the other must have: forms filled in anew (weather,
            markets, results) have other numbers.
        novelty: an article with a larger share of new text is an update.
        redundant: a copy at least this alike finds nothing that its match does not find.
    """

    jaccard: float = 0.35
    containment: float = 0.5
    numbers: float = 0.6
    novelty: float = 0.5
    redundant: float = 0.7


LEAST_SHARED = 6
"""Sampled shingles that two texts must share at least: less is chance, or a phrase."""


def same_story(similarity: Similarity, thresholds: Thresholds) -> Flags:
    """Which pairs tell the same story."""
    alike = (similarity.jaccard >= thresholds.jaccard) | (similarity.containment >= thresholds.containment)
    numbers_differ = similarity.numbers < thresholds.numbers
    return alike & ~numbers_differ & (similarity.shared >= LEAST_SHARED)


def verdict_of(novelty: float, thresholds: Thresholds) -> Verdict:
    """What an article with this share of new text is to an earlier one of the same story."""
    return Verdict.UPDATE if novelty > thresholds.novelty else Verdict.NEAR
