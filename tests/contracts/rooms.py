"""The rooms of the package as docs/architecture.md shows them, read from the code.

`python -m tests.contracts.rooms` writes them into that page.
"""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import grimp

PROJECT = Path(__file__).parent.parent.parent
PAGE = PROJECT / "docs" / "architecture.md"
_PACKAGE = PROJECT / "pipeline"
EVERYBODYS = ("record", "settings", "plugins", "errors")
"""What any room above may import, and most do: not worth a word in each line."""

_BLOCK = re.compile(r"(?<=<!-- rooms -->\n).*?(?=<!-- /rooms -->)", re.DOTALL)


def layers() -> list[list[str]]:
    """The layers as import-linter is told them, the highest first; one that is optional only where it is there."""
    declared = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    (rooms,) = (contract for contract in declared["contracts"] if contract["id"] == "rooms")
    named = [re.findall(r"\w+", layer) for layer in rooms["layers"]]
    return [there for layer in named if (there := [room for room in layer if _home(room).exists()])]


def imports() -> dict[str, list[str]]:
    """The rooms that each room imports itself, in the order of the layers, without what everybody does."""
    order = [room for layer in layers() for room in layer]
    graph = grimp.build_graph("pipeline", cache_dir=None)
    for room in order:
        if (_PACKAGE / room).is_dir():
            graph.squash_module(f"pipeline.{room}")

    def knows(room: str, other: str) -> bool:
        return graph.direct_import_exists(importer=f"pipeline.{room}", imported=f"pipeline.{other}")

    return {
        room: [other for other in order if other not in (room, *EVERYBODYS) and knows(room, other)]
        for room in order
    }


def drawn() -> str:
    """The block of the page: the rooms from the highest to the lowest, what each holds, and what it imports."""
    imported = imports()
    rows = [
        f"| {_shown(room)} | {_said(room)} | {', '.join(map(_shown, imported[room])) or '-'} |"
        for layer in layers()
        for room in layer
        if room != "__main__"
    ]
    return "\n".join(("", "| room | what it holds | imports |", "|---|---|---|", *rows, "", ""))


def in_the_page() -> str:
    """The block as the page has it."""
    (found,) = _BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    return str(found)


def _home(room: str) -> Path:
    folder = _PACKAGE / room
    return folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")


def _shown(room: str) -> str:
    return f"`{room}/`" if (_PACKAGE / room).is_dir() else f"`{room}.py`"


def _said(room: str) -> str:
    """The first line of its docstring."""
    text = ast.get_docstring(ast.parse(_home(room).read_text(encoding="utf-8"))) or ""
    line = text.partition("\n")[0].rstrip(".")
    return line.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(_BLOCK.sub(lambda _: drawn(), PAGE.read_text(encoding="utf-8")), encoding="utf-8")
