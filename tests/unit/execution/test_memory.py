"""What a process does about its memory is done to the whole process: looked at in one of its own."""

from __future__ import annotations

import subprocess
import sys

_LASTING = """
import gc
from pipeline.execution.memory import spare_collections

class Node:
    def __init__(self):
        self.itself = self

garbage = Node()
del garbage
kept = Node()
before = gc.get_threshold()
spare_collections()
assert not any(isinstance(thing, Node) for thing in gc.get_objects()), "looked at again"
assert gc.get_freeze_count() > 0
assert gc.get_threshold() > before
for _ in range(2 * gc.get_threshold()[0]):
    Node()
assert gc.get_stats()[0]["collected"] >= gc.get_threshold()[0], "what came later is never collected"
"""


def test_what_is_loaded_is_left_out_of_collections_that_come_less_often_but_come() -> None:
    done = subprocess.run([sys.executable, "-c", _LASTING], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
