"""`pipeline schema`: the messages as JSON Schemas."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline import __version__
from pipeline.cli.output import AsJson, print_json, say, write_line
from pipeline.errors import UsageError
from pipeline.flow import FLOW
from pipeline.kafka.topics import topic_name
from pipeline.record import asyncapi, schemas
from pipeline.settings import Settings


def schema(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help=f"Only of this message: {', '.join(schemas.MESSAGES)}."),
    ] = None,
    *,
    write: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Write one file a message here instead, and asyncapi.json, which says on which topic each is.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print the JSON Schemas of all messages: articles, records, merges of clusters, alerts, dead letters."""
    if name is not None and name not in schemas.MESSAGES:
        raise UsageError(f"{name}: no such message; there are {', '.join(schemas.MESSAGES)}")
    if write is not None:
        if name is not None:
            raise UsageError(f"--write writes all of them: leave {name} away")
        _write(write)
    elif as_json:
        print_json(
            schemas.schema(name) if name else {each: schemas.schema(each) for each in schemas.MESSAGES}
        )
    else:
        for each in [name] if name else schemas.MESSAGES:
            write_line(schemas.pretty(each).rstrip())


def _topics() -> dict[str, str]:
    settings = Settings.load()
    return {topic.value: topic_name(settings, topic) for topic in FLOW.topics}


def _write(folder: Path) -> None:
    try:
        for path in schemas.write(folder):
            say(f"written: {path}")
        path = folder / "asyncapi.json"
        path.write_bytes(asyncapi.pretty(_topics(), __version__))
        say(f"written: {path}")
    except OSError as error:
        raise UsageError(f"{folder}: can't be written: {error.strerror or error}") from None
