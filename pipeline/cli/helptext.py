"""Help that says what a value is in plain words: NUMBER rather than the name of a type."""

from __future__ import annotations

import re
from typing import Any

_TYPE = re.compile(r" ?<(?:list\[)?(str|int|float|path|[a-z]+)(?: range)?\]?>")
_WORDS = {"int": "NUMBER", "float": "NUMBER", "path": "PATH"}


def with_plain_types(command: Any) -> Any:
    """The command, whose help and that of its own commands says so."""
    own = command.get_help

    def get_help(context: Any) -> str:
        return _TYPE.sub(_plain, own(context))

    command.get_help = get_help
    for inner in getattr(command, "commands", {}).values():
        with_plain_types(inner)
    return command


def _plain(found: re.Match[str]) -> str:
    """As long as what it takes the place of, so that what stands behind stays aligned."""
    line = found.string[found.string.rfind("\n", 0, found.start()) + 1 : found.start()]
    is_option = line.lstrip().startswith("-")  # an argument has said what it is
    word = f" {_WORDS.get(found[1], 'TEXT')}" if is_option else ""
    return word.ljust(len(found.group()))
