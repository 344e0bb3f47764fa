"""What recognition gives: the spans of one text."""

from __future__ import annotations

Spans = tuple[tuple[int, int, str], ...]
"""(start, end, label) in code points of the text, half-open, in order, not overlapping."""
