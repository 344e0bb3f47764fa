"""Where the paragraphs of a text are: shared by every stage that reads prose."""

from __future__ import annotations

import re
from collections.abc import Iterator

_BLOCK = re.compile(r"[^\s].*?(?=\n[^\S\n]*\n|\Z)", re.DOTALL)
_LINE = re.compile(r"[^\n]+")

# A wire's hard-wrapped lines end within a narrow band; prose with a line a paragraph does not.
_WRAP_AT_MOST = 90
_WRAP_SHARE = 0.6
_INDENT = re.compile(r"\n(?=[^\S\n]{2,}\S)")


def paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Yield the (start, end) code-point span of each paragraph of `text`, without surrounding white space.

    Paragraphs end at blank lines. Within a block of lines, each line is a paragraph, unless the block is
    hard-wrapped (no line over 90 characters and most lines going on in the middle of a sentence): then an
    indented line opens a paragraph and other line breaks are white space.
    """
    for block in _BLOCK.finditer(text):
        if _is_hard_wrapped(block.group()):
            start = block.start()
            cuts = [start + cut.start() for cut in _INDENT.finditer(block.group())]
            for piece_start, piece_end in zip([start, *cuts], [*cuts, block.end()], strict=True):
                yield from _stripped(text, piece_start, piece_end)
        else:
            for line in _LINE.finditer(text, block.start(), block.end()):
                yield from _stripped(text, line.start(), line.end())


def _is_hard_wrapped(block: str) -> bool:
    lines = [line.rstrip() for line in block.split("\n")]
    if len(lines) < 2 or max(map(len, lines)) > _WRAP_AT_MOST:  # noqa: PLR2004 - one line wraps nothing
        return False
    open_ends = sum(1 for line in lines[:-1] if line and line[-1] not in ".!?:\"”'’")
    return open_ends >= _WRAP_SHARE * (len(lines) - 1)


def _stripped(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    piece = text[start:end]
    left = len(piece) - len(piece.lstrip())
    if left < len(piece):
        yield start + left, start + len(piece.rstrip())
