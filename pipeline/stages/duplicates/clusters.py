"""Clusters: which of two came first, and which were merged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from pipeline.stages.duplicates.state import Merge
from pipeline.stages.duplicates.tokens import Ints

UNBORN = 1 << 62
"""The birth of a cluster that nothing is known of: after all others."""


class Clusters:
    """Which clusters were merged into which, and in which order clusters were founded.

    A cluster's birth is the ordinal of its founding. Of two clusters the one born first wins; of two with one birth
    (two workers founded them unaware of each other) the one with the smaller id. What a batch changes is pending
    until it is settled or reverted.

    Attributes:
        pending: the clusters united since.
    """

    def __init__(self, merges: Iterable[Merge] = ()) -> None:
        self._winners = dict(merges)
        self._births = dict.fromkeys(self._winners.values(), UNBORN)
        self._founded = self._settled = 0
        self.pending: list[Merge] = []

    def recall(self, cluster_ids: Sequence[str], births: Ints) -> None:
        """Take in what stored rows know of their clusters."""
        self._founded = int(np.max(births[births != UNBORN] + 1, initial=self._founded))
        self._settled = self._founded
        if not self._births:
            return
        for cluster_id, birth in zip(cluster_ids, births.tolist(), strict=True):
            if cluster_id in self._births:
                self._births[cluster_id] = min(self._births[cluster_id], birth)

    def root(self, cluster_id: str) -> str:
        """The cluster that this one is part of by now."""
        while (winner := self._winners.get(cluster_id)) is not None:
            cluster_id = winner
        return cluster_id

    def is_merged(self, cluster_id: str) -> bool:
        """Whether this cluster is part of another one."""
        return cluster_id in self._winners

    def found(self) -> int:
        """Found a cluster; gives its birth."""
        self._founded += 1
        return self._founded - 1

    def unite(self, members: Iterable[tuple[str, int]]) -> tuple[str, int]:
        """Make one cluster of all.

        Args:
            members: for each the cluster it was recorded with, merged since or not, and that cluster's birth.

        Returns:
            The id and the birth of the cluster that they are in now.
        """
        born: dict[str, int] = {}
        for cluster_id, birth in members:
            root = self.root(cluster_id)
            born[root] = min(birth, self._births.get(root, UNBORN), born.get(root, UNBORN))
        winner = min(born, key=lambda root: (born[root], root))
        if len(born) > 1:
            self._births[winner] = born[winner]
            for loser in sorted(born.keys() - {winner}):
                self._winners[loser] = winner
                self.pending.append(Merge(loser, winner))
        return winner, born[winner]

    def settle(self) -> None:
        """Keep what is pending: it was recorded."""
        self._settled = self._founded
        self.pending = []

    def revert(self) -> list[Merge]:
        """Undo what is pending, since it may not have been recorded; gives the merges undone."""
        undone, self.pending = self.pending, []
        self._founded = self._settled
        for merge in undone:
            del self._winners[merge.loser]
        return undone

    def repeat(self, merges: Iterable[Merge]) -> None:
        """Do merges that turned out to have been recorded."""
        self._winners.update(dict(merges))
