"""Writes the reference of commands and settings from the code: `python docs/reference.py` (`make reference`).

The pages are part of the repository, so that they can be read where there is no site; tests/contracts holds them to
the code.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from pipeline.settings import Settings, variable

_DOCS = Path(__file__).parent
_LISTED = re.compile(r"^\* `([\w-]+)`: .*$")
_TITLE = re.compile(r"^##+ `(.*)`$")


def commands() -> str:
    """The page of all commands with their options, as Typer tells them."""
    told = subprocess.run(
        [sys.executable, "-m", "typer", "pipeline.cli.main", "utils", "docs", "--name", "pipeline"],
        check=True,
        capture_output=True,
        text=True,
        encoding="utf-8",
    ).stdout
    return "\n".join(_linked(told.splitlines())).rstrip() + "\n"


def _linked(lines: list[str]) -> Iterator[str]:
    """The lists of commands as links, without what a terminal has no room for."""
    command, listing = "pipeline", False
    yield "# All commands with their options"
    yield ""
    yield "What each is for, and the exit codes: [commands](commands.md). This page is written by `make reference`."
    yield ""
    for line in lines[1:]:
        if title := _TITLE.match(line):
            command = title[1]
        if line.startswith("**"):
            listing = line == "**Commands**:"
        listed = _LISTED.match(line) if listing else None
        yield f"* [`{listed[1]}`](#{f'{command} {listed[1]}'.replace(' ', '-')})" if listed else line.rstrip()


def settings() -> str:
    """The page of all settings: variable, default, what is taken, meaning."""
    schema = Settings.model_json_schema()
    lines = [
        "# All settings",
        "",
        "Each is an environment variable, or a line of `.env` in the folder where a command runs. What a variable with",
        "`_FILE` behind its name leads to is read instead: for secrets. `pipeline settings` shows the values and where",
        "they come from, `pipeline doctor` whether they work. This page is written by `make reference`.",
        "",
        "| variable | default | takes | meaning |",
        "|---|---|---|---|",
    ]
    for name, field in schema["properties"].items():
        cells = (f"`{variable(name)}`", _default(name, field), _takes(field, schema), field["description"])
        lines.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return "\n".join(lines) + "\n"


def _default(name: str, field: dict[str, Any]) -> str:
    if "default" not in field:
        return _COMPUTED[name]
    value = Settings.model_fields[name].default  # that of a secret, too: it is in the code for all to see
    match value:
        case None | ():
            return ""
        case tuple():
            return f"`{','.join(value)}`"
        case bool():
            return f"`{str(value).lower()}`"
        case SecretStr():
            return f"`{value.get_secret_value()}`"
        case _:
            return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"


_COMPUTED = {"pool_processes": "one a core"}
"""Defaults that depend on the machine."""


def _takes(field: dict[str, Any], schema: dict[str, Any]) -> str:
    field = next((one for one in field.get("anyOf", ()) if one != {"type": "null"}), {}) | field
    if "$ref" in field:
        return ", ".join(f"`{value}`" for value in schema["$defs"][field["$ref"].rpartition("/")[2]]["enum"])
    low = field.get("minimum", field.get("exclusiveMinimum"))
    bounds = [
        f"{'over' if 'exclusiveMinimum' in field else 'from'} {low:,.0f}" if low is not None else "",
        f"to {field['maximum']:,.0f}" if "maximum" in field else "",
    ]
    kind = field.get("format") or field.get("type", "")
    said = _KINDS.get(kind, kind)
    return " ".join(part for part in (said, *bounds) if part)


_KINDS = {
    "array": "texts, comma-separated",
    "boolean": "`true` or `false`",
    "integer": "a whole number",
    "number": "a number",
    "password": "a secret",
    "path": "a path",
    "string": "text",
}

PAGES = {"options.md": commands, "settings.md": settings}


if __name__ == "__main__":
    for page, written in PAGES.items():
        (_DOCS / page).write_text(written(), encoding="utf-8")
