"""`pipeline store`: the schema of the store."""

from __future__ import annotations

from contextlib import closing
from typing import Annotated

import typer

from pipeline.cli.output import EXIT_PROBLEMS, AsJson, print_json, say
from pipeline.flow import FLOW
from pipeline.kafka.admin import Admin
from pipeline.settings import Settings
from pipeline.stores.base import configured_store

app = typer.Typer(help="Bring the store's schema up to date.", no_args_is_help=True)


@app.command("upgrade")
def upgrade_store(*, as_json: AsJson = False) -> None:
    """Create the tables, or migrate them to this version. Safe to repeat, and for several at once."""
    with closing(configured_store(Settings.load())) as store:
        changed = not store.is_current()
        if changed:
            store.upgrade()
    if as_json:
        print_json({"upgraded": changed})
    else:
        say("the store was brought up to date" if changed else "the store is up to date")


@app.command()
def check(*, as_json: AsJson = False) -> None:
    """Say whether the schema is current; exit 1 when it is not."""
    with closing(configured_store(Settings.load())) as store:
        current = store.is_current()
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


@app.command()
def adopt(
    *,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do it. Without this, only say what would be done.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Have the groups that write to a store write to this one, from the start of their topics.

    For a new store in place of one that is gone: a worker refuses a store that its groups have not written to. What
    is stored already changes nothing. Stop the workers first.
    """
    settings = Settings.load()
    with closing(configured_store(settings)) as store:
        identity = store.identity()
    if yes:
        with Admin(settings) as admin:
            for stage in FLOW.writing:
                admin.move_to_the_start(stage, FLOW.sources[stage], identity)
    groups = [settings.group(stage) for stage in FLOW.writing]
    if as_json:
        print_json({"dry_run": not yes, "store": identity, "groups": groups})
    elif yes:
        say(f"{' and '.join(groups)} begin anew, for the store {identity}: start the workers")
    else:
        say(f"{' and '.join(groups)} would begin anew, for the store {identity}: add --yes to do it")
