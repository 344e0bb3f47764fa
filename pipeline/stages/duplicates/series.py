"""Forms that are filled in anew: notices, prices, tenders, results, the same words about something else or another day.

By wording alone they can't be told from copies. What tells them apart is the subject that their leads begin with, and
what varies: a text that is sent again keeps its numbers, a form has others.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from pipeline.stages.duplicates.leads import Leads
from pipeline.stages.duplicates.similarity import Floats, Numbers, Overlap
from pipeline.stages.duplicates.tokens import U32, Flags, Ints

PROSE = 0.04
"""Numbers a shingle at most: a text with more of them is a table or a form."""
_BRIEF = 150
"""Shingles below which a text may be a form, however few numbers it has."""
_FILLED_IN_JACCARD, _FILLED_IN_CONTAINMENT = 0.6, 0.9
"""Of briefs of like length on different subjects: above these, they are one text under two headlines."""
_LIKE_LENGTH = 2
_KEPT = 0.8
"""Of the numbers of a text that is sent again, late or under another headline, so many are kept at least."""
_CHANGED = 0.6
"""Of numbers: with fewer kept, briefs whose leads have less than half of their words in common are never one story."""
_VERBATIM = 0.6
"""Jaccard index of whole texts above which nothing was left out: then, under one headline, the numbers of both have to
agree, and not only those of the text with fewer."""


class Forms(NamedTuple):
    """What tells whether pairs of articles are one form filled in anew; one figure a pair.

    Attributes:
        whole: overlap of the texts by all their shingles.
        numbers: agreement in numbers.
        newer: shingles of the newer texts.
        earlier: of the earlier ones.
        figures: numbers a shingle, of the text that has more of them.
        leads: what the beginnings of both have in common.
        apart: the distance of their effective times, microseconds.
    """

    whole: Overlap
    numbers: Numbers
    newer: U32
    earlier: U32
    figures: Floats
    leads: Leads
    apart: Ints


def other_subject(pairs: Forms) -> Flags:
    """Which pairs are briefs of one form on different subjects: bonds, funds, contracts.

    Either their leads begin with different subjects, or they differ somewhere and so do the numbers: of the notices of
    one issuer, of the forecasts for all regions the first words are the same.
    """
    larger, smaller = np.maximum(pairs.newer, pairs.earlier), np.minimum(pairs.newer, pairs.earlier)
    briefs = (larger < _BRIEF) & (larger < _LIKE_LENGTH * smaller)
    whole = pairs.whole
    alike = (whole.jaccard >= _FILLED_IN_JACCARD) | (whole.containment >= _FILLED_IN_CONTAINMENT)
    leads, numbers = pairs.leads, pairs.numbers.shared
    varied = ~leads.equal & (numbers < _KEPT)
    other: Flags = briefs & ~alike & (~leads.same_subject | varied)
    other |= briefs & ~leads.close & (numbers < _CHANGED)
    return other


def next_issue(pairs: Forms, near_in_time: int) -> Flags:
    """Which pairs are two issues of a series: daily prices, tenders, rainfall.

    Args:
        pairs: of articles.
        near_in_time: microseconds within which a form with other numbers may be an update; a later one is the next.
    """
    form = (pairs.figures >= PROSE) | (np.maximum(pairs.newer, pairs.earlier) < _BRIEF)
    numbers = pairs.numbers
    verbatim = (pairs.whole.jaccard >= _VERBATIM) & pairs.leads.equal
    kept = np.where(verbatim & ~np.isnan(numbers.mutual), numbers.mutual, numbers.shared)
    return form & (pairs.apart > near_in_time) & (kept < _KEPT)
