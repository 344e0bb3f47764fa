"""Where the paragraphs of a text are: shared by every stage that reads prose."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.text.marks import CLOSES

_GAP = re.compile(r"\n[^\S\n]*+\n\s*+")
_LINE = re.compile(r"[^\n]++")

# A wire's hard-wrapped lines end within a narrow band; prose with a line a paragraph does not.
_WRAP_AT_MOST = 90
_WRAP_SHARE = 0.6
_ENDS = frozenset(".!?:" + CLOSES)
_INDENT = re.compile(r"\n(?=[^\S\n]{2,}+\S)")


def paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Yield the (start, end) code-point span of each paragraph of `text`, without surrounding white space.

    Paragraphs end at blank lines. Within a block of lines, each line is a paragraph, unless the block is
    hard-wrapped (no line over 90 characters and most lines going on in the middle of a sentence): then an
    indented line opens a paragraph and other line breaks are white space.
    """
    start = len(text) - len(text.lstrip())
    while start < len(text):
        gap = _GAP.search(text, start)
        end = gap.start() if gap else len(text)
        yield from _of_block(text, start, end)
        start = gap.end() if gap else end


def _of_block(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    block = text[start:end]
    if "\n" not in block:
        yield start, start + len(block.rstrip())
    elif _is_hard_wrapped(block):
        cuts = [start + cut.start() for cut in _INDENT.finditer(block)]
        for piece_start, piece_end in zip([start, *cuts], [*cuts, end], strict=True):
            yield from _stripped(text, piece_start, piece_end)
    else:
        for line in _LINE.finditer(text, start, end):
            yield from _stripped(text, line.start(), line.end())


def _is_hard_wrapped(block: str) -> bool:
    lines = [line.rstrip() for line in block.split("\n")]
    if max(map(len, lines)) > _WRAP_AT_MOST:
        return False
    open_ends = sum(1 for line in lines[:-1] if line and line[-1] not in _ENDS)
    return open_ends >= _WRAP_SHARE * (len(lines) - 1)


def _stripped(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    piece = text[start:end]
    left = len(piece) - len(piece.lstrip())
    if left < len(piece):
        yield start + left, start + len(piece.rstrip())
