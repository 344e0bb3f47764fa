"""A file that says what stands for what: aliases that somebody keeps by hand.

[same.ORG]
"Federal Reserve" = ["Fed", "US central bank"]

[apart.ORG]
"Ford Foundation" = ["Ford"]
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipeline.errors import UsageError
from pipeline.stores.searches import CuratedAlias

_SAME, _APART = "same", "apart"


def load(path: Path) -> list[CuratedAlias]:
    """Read such a file.

    Raises:
        UsageError: it can't be read, or is not of this form; names the place.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: is no TOML: {error}") from None
    return list(_read(table, path))


def _read(table: dict[str, Any], path: Path) -> Iterator[CuratedAlias]:
    for section, of_types in table.items():
        if section not in (_SAME, _APART) or not isinstance(of_types, dict):
            raise UsageError(
                f"{path}: [{section}]: the tables are [same.TYPE] and [apart.TYPE], as in [same.ORG]"
            )
        for label, names in of_types.items():
            if not isinstance(names, dict):
                raise UsageError(
                    f"{path}: [{section}]: {label!r} stands outside of a table such as [same.ORG]"
                )
            for name, aliases in names.items():
                if not isinstance(aliases, list) or not all(
                    isinstance(one, str) and one.strip() for one in aliases
                ):
                    raise UsageError(
                        f'{path}: [{section}.{label}]: {name!r} needs a list of names, as in ["Fed"]'
                    )
                yield from (CuratedAlias(one, name, label, is_same=section == _SAME) for one in aliases)
