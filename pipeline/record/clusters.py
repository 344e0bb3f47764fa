"""What becomes of clusters."""

from __future__ import annotations

from typing import Literal

from pipeline.record.base import SCHEMA_VERSION, Model


class ClusterMerge(Model):
    """Two clusters turned out to be one story: whatever belongs to `cluster_id` belongs to `merged_into` from now on.

    The key of its message is `cluster_id`. `merged_into` may be merged in its turn: follow on.
    """

    schema_version: Literal[1] = SCHEMA_VERSION
    cluster_id: str
    merged_into: str
