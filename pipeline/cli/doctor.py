"""`pipeline doctor`: checks everything a worker needs, each failure with its fix."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import typer
from pydantic import SecretStr
from rich.text import Text

from pipeline.cli.output import EXIT_PROBLEMS, EXIT_USAGE, AsJson, plain, print_json, print_table, stdout
from pipeline.errors import PipelineError
from pipeline.settings import Settings, variable
from pipeline.stores.sql.database import masked
from pipeline.watch.checks import STAGES, Check, checks


def doctor(*, as_json: AsJson = False) -> None:
    """Check settings, broker, topics, codecs, database and model; print the settings, secrets masked.

    Exit 1 when a check fails; 2 when it is what other packages add, without which nothing starts.
    """
    values: dict[str, str] = {}
    try:
        settings = Settings.load()
    except PipelineError as error:
        found = [Check("settings", ok=False, found=str(error), fix="set what the message names")]
    else:
        values = shown(settings)
        found = [Check("settings", ok=True, found="complete"), *checks(settings)]
    if as_json:
        print_json({"checks": [asdict(check) for check in found], "settings": values})
    else:
        _show(found, values)
    failed = {check.name for check in found if not check.ok}
    if failed:
        raise typer.Exit(EXIT_USAGE if STAGES in failed else EXIT_PROBLEMS)


def shown(settings: Settings) -> dict[str, str]:
    """The settings as environment variables, secrets masked."""
    shown = {variable(name): _text(value) for name, value in settings}
    shown[variable("database_url")] = masked(settings.database_url.get_secret_value())
    return shown


def meanings() -> list[str]:
    """What each of the settings is, in the order in which they are shown."""
    return [field.description or "" for field in Settings.model_fields.values()]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, SecretStr):
        return "***"
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return str(value)


def _show(found: list[Check], shown: dict[str, str]) -> None:
    print_table(
        ("check", "", "found", "fix"),
        (
            (
                check.name,
                Text("ok", "green") if check.ok else Text("FAIL", "bold red"),
                check.found,
                check.fix,
            )
            for check in found
        ),
    )
    if shown:
        stdout.print()
        print_table(
            ("setting", "value", "what it is"),
            (
                (name, value, plain(meaning, style="dim"))
                for (name, value), meaning in zip(shown.items(), meanings(), strict=True)
            ),
        )
