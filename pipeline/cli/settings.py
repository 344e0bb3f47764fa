"""`pipeline settings`: every knob, what it is set to, by what, and what it means."""

from __future__ import annotations

import os

from pipeline.cli.doctor import meanings, shown
from pipeline.cli.output import AsJson, print_json, print_table
from pipeline.settings import PREFIX, Settings


def settings(*, as_json: AsJson = False) -> None:
    """List all settings: value, where it comes from (environment, .env, default), meaning. Secrets are masked."""
    loaded = Settings.load()
    found = [
        {
            "name": name,
            "value": value,
            "from": _origin(name, loaded),
            "meaning": meaning,
        }
        for (name, value), meaning in zip(shown(loaded).items(), meanings(), strict=True)
    ]
    if as_json:
        print_json(found)
    else:
        print_table(("setting", "value", "from", "meaning"), [tuple(one.values()) for one in found])


def _origin(name: str, loaded: Settings) -> str:
    variables = {variable.upper() for variable in os.environ}
    if name in variables:
        return "environment"
    if f"{name}_FILE" in variables:
        return "file"
    return ".env" if name.removeprefix(PREFIX).lower() in loaded.model_fields_set else "default"
