"""What the beginnings of two texts, headline or lead, have in common."""

from __future__ import annotations

from typing import NamedTuple

from pipeline.stages.duplicates.sketch import NO_NUMBER, U16
from pipeline.stages.duplicates.tokens import Flags


class Leads(NamedTuple):
    """How two leads compare; one figure a pair. A lead that isn't known differs from none.

    Attributes:
        same_subject: the first telling word of one is in the other.
        close: half of the telling words that are kept of one are in the other.
        equal: every telling word that is kept of one is in the other, wherever it stands.
        disjoint: none is.
    """

    same_subject: Flags
    close: Flags
    equal: Flags
    disjoint: Flags


def compare_leads(newer: U16, earlier: U16) -> Leads:
    """Compare the `leads` of two sketches, the i-th of `newer` with the i-th of `earlier`."""
    kept = newer != NO_NUMBER
    told = kept[:, 0] & (earlier[:, 0] != NO_NUMBER)
    meets = newer[:, :, None] == earlier[:, None, :]
    newer_met, earlier_met = meets.any(axis=2) & kept, (meets & kept[:, :, None]).any(axis=1)
    met = newer_met.sum(axis=1)
    return Leads(
        newer_met[:, 0] | earlier_met[:, 0] | ~told,
        (2 * met >= kept.sum(axis=1)) | ~told,
        (newer_met == kept).all(axis=1) & (earlier_met == (earlier != NO_NUMBER)).all(axis=1) | ~told,
        told & (met == 0),
    )
