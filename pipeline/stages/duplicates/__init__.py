"""Which story is new, and which is a copy, an update or a revision of an earlier one."""

from pipeline.stages.duplicates.deduplicator import Deduplicator
from pipeline.stages.duplicates.stage import DuplicateStage
from pipeline.stages.duplicates.state import (
    MemoryStateStore,
    Merge,
    StateKey,
    StateRow,
    StateStore,
    StoredSketches,
)

__all__ = [
    "Deduplicator",
    "DuplicateStage",
    "MemoryStateStore",
    "Merge",
    "StateKey",
    "StateRow",
    "StateStore",
    "StoredSketches",
]
