"""A message changed by hand: `FIELD=VALUE`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from pipeline.errors import UsageError


def changed(message: bytes, changes: Iterable[str]) -> bytes:
    """The message, a JSON object, with other values for some of its fields.

    Args:
        message: UTF-8 JSON.
        changes: each `FIELD=VALUE`; `a.b` is the field b of the object a. A value that is no JSON is a string.

    Raises:
        UsageError: it is no JSON object, or a change is none.
    """
    try:
        whole: Any = orjson.loads(message)
    except orjson.JSONDecodeError:
        whole = None
    if not isinstance(whole, dict):
        raise UsageError(
            "the message is no JSON object, so that it has no fields to set: mend it in the editor"
        )
    for change in changes:
        path, equals, value = change.partition("=")
        *parents, name = path.split(".")
        place = whole
        for parent in parents:
            place = place.setdefault(parent, {})
            if not isinstance(place, dict):
                raise UsageError(f"--set {change}: {parent} is no object")
        if not equals or not name:
            raise UsageError(f"--set {change}: give FIELD=VALUE")
        try:
            place[name] = orjson.loads(value)
        except orjson.JSONDecodeError:
            place[name] = value
    return orjson.dumps(whole)
