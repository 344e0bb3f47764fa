"""`pipeline store`: the schema of the store."""

from __future__ import annotations

import typer

from pipeline.cli.output import EXIT_PROBLEMS, AsJson, print_json, say
from pipeline.settings import Settings
from pipeline.sinks.database import connect
from pipeline.sinks.migrate import is_current, upgrade

app = typer.Typer(help="Bring the store's schema up to date.", no_args_is_help=True)


@app.command("upgrade")
def upgrade_store(*, as_json: AsJson = False) -> None:
    """Create the tables, or migrate them to this version. Safe to repeat, and for several at once."""
    engine = connect(Settings.load().database_url.get_secret_value())
    changed = not is_current(engine)
    if changed:
        upgrade(engine)
    if as_json:
        print_json({"upgraded": changed})
    else:
        say("the store was brought up to date" if changed else "the store is up to date")


@app.command()
def check(*, as_json: AsJson = False) -> None:
    """Say whether the schema is current; exit 1 when it is not."""
    current = is_current(connect(Settings.load().database_url.get_secret_value()))
    if as_json:
        print_json({"current": current})
    else:
        say(
            "the store is up to date"
            if current
            else "the store is not up to date: run `pipeline store upgrade`"
        )
    if not current:
        raise typer.Exit(EXIT_PROBLEMS)
