"""The `pipeline` command: one entrance, and the one place where errors become exit codes."""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import Annotated, Any

import typer
import typer.main
from typer.core import TyperGroup

from pipeline import __version__
from pipeline.cli.examples import shown
from pipeline.cli.helptext import with_plain_types
from pipeline.cli.output import EXIT_INTERRUPTED, EXIT_PROBLEMS, EXIT_UNAVAILABLE, EXIT_USAGE, fail, warn
from pipeline.errors import PipelineError, SettingsError, TransientError, UsageError
from pipeline.execution.signals import interrupt

_MODULES = {
    "demo": "demo",
    "up": "up",
    "enrich": "enrich",
    "replay": "replay",
    "watch": "watch",
    "ingest": "ingest",
    "reprocess": "reprocess",
    "worker": "worker",
    "status": "status",
    "verify": "verify",
    "quotes": "search",
    "articles": "search",
    "entities": "search",
    "clusters": "search",
    "questions": "questions",
    "alerts": "alerts",
    "show": "show",
    "export": "export",
    "schema": "schema",
    "doctor": "doctor",
    "settings": "settings",
    "exporter": "exporter",
    "console": "console",
    "broker": "broker",
    "topics": "topics",
    "dead-letters": "dead_letters",
    "store": "store",
    "forget": "forget",
    "retain": "forget",
}
_STYLE: dict[str, Any] = {"rich_markup_mode": None, "pretty_exceptions_enable": False}


@cache
def _command(name: str) -> Any:
    """The command, from its module: either a function of its name, or an `app` with commands of its own."""
    module = import_module(f"pipeline.cli.{_MODULES[name]}")
    parent = typer.Typer(**_STYLE)
    if hasattr(module, "app"):
        parent.add_typer(module.app, name=name, epilog=shown(name))
    else:
        kind = getattr(module, "Command", None)  # of its own, where arguments need more than options
        parent.command(name, cls=kind, epilog=shown(name))(getattr(module, name))
        parent.callback()(lambda: None)  # or it would not be a group
    return with_plain_types(typer.main.get_group(parent).commands[name])


class _Commands(Mapping[str, Any]):
    """All commands by name. A module is imported when its command is looked at: a search should not wait for Kafka."""

    def __getitem__(self, name: str) -> Any:
        return _command(name)

    def __iter__(self) -> Iterator[str]:
        return iter(_MODULES)

    def __len__(self) -> int:
        return len(_MODULES)


class _Group(TyperGroup):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options | {"commands": {}})
        self.commands = _Commands()  # type: ignore[assignment] # only read

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - as the library calls it
        return list(self.commands)


app = typer.Typer(
    name="pipeline",
    help="News articles in, records that a newsroom can query out: what is a copy, who is named, who said what.",
    epilog="Exit codes: 0 all well; 1 done, with problems that were named; 2 wrong usage or settings; "
    "3 Kafka or the database is away; 130 interrupted. Settings: `pipeline settings` lists them.",
    cls=_Group,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    **_STYLE,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _options(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line and exit."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # a shell's background job ignores it
        signal.signal(signal.SIGINT, interrupt)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that has no such letter shows a question mark
    _name_unknown_settings()
    try:
        app()
    except (UsageError, SettingsError) as error:
        fail(str(error))
        sys.exit(EXIT_USAGE)
    except TransientError as error:
        fail(str(error))
        sys.exit(EXIT_UNAVAILABLE)
    except PipelineError as error:
        fail(str(error))
        sys.exit(EXIT_PROBLEMS)
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output has gone (head, less): not an error, and nothing more can be said there.
        sys.stdout = None
        sys.exit(EXIT_PROBLEMS)


def _name_unknown_settings() -> None:
    """A variable with a letter missing would be passed over in silence."""
    if not any(name.startswith("PIPELINE_") for name in os.environ):
        return
    from pipeline.settings import Settings  # noqa: PLC0415 - help does not wait for it

    for name, nearest in Settings.unknown(os.environ).items():
        hint = f"did you mean {nearest}?" if nearest else "`pipeline settings` lists them"
        warn(f"{name} is no setting: {hint}")
