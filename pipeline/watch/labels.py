"""Labels of metrics whose values come from anybody, kept few: each value of one is a series for good."""

from __future__ import annotations

OTHER = "other"
"""What the values have in common that are not told apart."""

_LONGEST = 80  # characters


class FewLabels:
    """The values of a label: those that come first are told apart, the rest are one.

    Args:
        most: how many are told apart.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: dict[str, str] = {}

    def __call__(self, value: str) -> str:
        """The value as a label."""
        known = self._known.get(value)
        if known is not None:
            return known
        if len(self._known) >= self._most:
            return OTHER
        return self._known.setdefault(value, value[:_LONGEST])
