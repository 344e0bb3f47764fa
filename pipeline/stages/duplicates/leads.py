"""What the beginnings of two texts, headline or lead, have in common."""

from __future__ import annotations

from typing import NamedTuple

from pipeline.stages.duplicates.sketch import NO_NUMBER, U16
from pipeline.stages.duplicates.tokens import Flags


class Leads(NamedTuple):
    """How two leads compare; one figure a pair. A lead that isn't known differs from none.

    Attributes:
        same_subject: the first telling word of one is in the other.
        equal: every telling word that is kept of one is in the other, wherever it stands.
        disjoint: none is.
    """

    same_subject: Flags
    equal: Flags
    disjoint: Flags


def compare_leads(newer: U16, earlier: U16) -> Leads:
    """Compare the `leads` of two sketches, the i-th of `newer` with the i-th of `earlier`."""
    told = (newer[:, 0] != NO_NUMBER) & (earlier[:, 0] != NO_NUMBER)
    meets = newer[:, :, None] == earlier[:, None, :]
    meets &= (newer != NO_NUMBER)[:, :, None]
    newer_met, earlier_met = meets.any(axis=2), meets.any(axis=1)
    equal = (newer_met | (newer == NO_NUMBER)).all(axis=1) & (earlier_met | (earlier == NO_NUMBER)).all(
        axis=1
    )
    return Leads(newer_met[:, 0] | earlier_met[:, 0] | ~told, equal | ~told, told & ~newer_met.any(axis=1))
