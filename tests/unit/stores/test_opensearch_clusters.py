"""What a cluster belongs to in the end, whoever merged what into it at the same time."""

from __future__ import annotations

import pytest

from pipeline.stores.opensearch.duplicate_state import root


@pytest.mark.parametrize(
    ("winners", "expected"),
    [
        ({}, {"a": "a"}),
        ({"c": "b", "b": "a"}, {"a": "a", "b": "a", "c": "a"}),
        ({"a": "b", "b": "a", "c": "b"}, {"a": "a", "b": "a", "c": "a"}),
    ],
)
def test_every_cluster_has_one_root(winners: dict[str, str], expected: dict[str, str]) -> None:
    assert {cluster: root(cluster, winners.get) for cluster in expected} == expected
