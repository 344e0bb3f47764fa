"""`pipeline verify`: the ledger."""

from __future__ import annotations

import typer

from pipeline import ledger
from pipeline.cli.output import EXIT_PROBLEMS, AsJson, fail, print_json, print_table, say
from pipeline.ledger import Ledger
from pipeline.settings import Settings
from pipeline.sinks.database import connect
from pipeline.sinks.queries.ids import stored_ids


def verify(*, as_json: AsJson = False) -> None:
    """Check that every accepted article is stored, dead-lettered or discarded, once; exit 1 when not.

    While articles are under way they count as missing: run it when `pipeline status` shows no lag.
    """
    settings = Settings.load()
    engine = connect(settings.database_url.get_secret_value(), read_only=True)
    found = ledger.verify(settings, stored_ids(engine))
    if as_json:
        print_json(found.as_dict())
    else:
        show(found)
    if not found.closed:
        raise typer.Exit(EXIT_PROBLEMS)


def show(found: Ledger) -> None:
    """The ledger as a table, and what is wrong by id."""
    print_table(
        ("ledger", "articles #"),
        (
            ("accepted", found.accepted),
            ("  stored", found.stored),
            ("  dead-lettered", found.dead_lettered),
            ("  discarded", found.discarded),
            ("  missing", found.missing),
            ("in two places", found.doubled),
            ("stored, not on the raw topic", found.orphans),
        ),
    )
    for kind, ids in found.samples.items():
        if kind != "orphans":
            fail(f"{kind}: {', '.join(ids)}{' …' if len(ids) < getattr(found, kind) else ''}")
    say("the ledger is closed" if found.closed else "the ledger is NOT closed")
