"""Options of the contract tests."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The wheel's tests fetch half a gigabyte: they run when they are asked for by their marker, as make does."""
    if "wheel" in str(config.option.markexpr):
        return
    for item in items:
        if item.get_closest_marker("wheel"):
            item.add_marker(
                pytest.mark.skip(reason="the wheel in an environment of its own: make test-wheel")
            )
