"""`pipeline verify`: the ledger."""

from __future__ import annotations

from contextlib import closing

import typer

from pipeline.accounts import ledger
from pipeline.accounts.ledger import Ledger
from pipeline.cli.output import EXIT_PROBLEMS, AsJson, fail, print_json, print_table, say
from pipeline.cli.status import show as show_status
from pipeline.errors import SettingsError, TransientError
from pipeline.settings import Settings
from pipeline.stores.base import configured_store
from pipeline.watch.status import status_of


def verify(*, as_json: AsJson = False) -> None:
    """Check that every accepted article is stored, dead-lettered or discarded, once; exit 1 when not.

    Of each article, the last version that was accepted has to stand. While articles are under way they count as
    missing: run it when `pipeline status` shows no lag. Where broker or store can't be asked, what the other one has is
    shown, and the command fails.
    """
    settings = Settings.load()
    try:
        with closing(configured_store(settings, read_only=True)) as store:
            found = ledger.verify(settings, store.versions)
    except (SettingsError, TransientError):
        if not as_json:
            show_status(settings, status_of(settings))
        raise
    if as_json:
        print_json(found.as_dict())
    else:
        show(found)
    if not found.closed:
        raise typer.Exit(EXIT_PROBLEMS)


def show(found: Ledger) -> None:
    """The ledger as a table, and what is wrong by id."""
    versions = found.versions
    print_table(
        ("ledger", "articles #", "versions #"),
        (
            ("accepted", found.accepted, versions.accepted),
            ("  stored", found.stored, versions.standing),
            ("  superseded by a later version", None, versions.superseded),
            ("  dead-lettered", found.dead_lettered, versions.dead_lettered),
            ("  discarded", found.discarded, versions.discarded),
            *([("  forgotten", found.forgotten, versions.forgotten)] if versions.forgotten else []),
            ("  missing", found.missing, versions.missing),
            ("    of these not read yet", None, versions.unread),
            ("in two places", found.doubled, None),
            ("stored, not on the raw topic", found.orphans, None),
        ),
    )
    for kind, what, count in (
        ("missing_versions", "missing", versions.missing),
        ("doubled", "in two places", found.doubled),
    ):
        if some := found.samples.get(kind):
            fail(f"{what}: {', '.join(some)}{' …' if len(some) < count else ''}")
    if found.lost_to_retention:
        fail(
            f"retention deleted {found.lost_to_retention} messages before they were read: replay their articles"
        )
    if found.lost_by_broker:
        fail(
            f"{found.lost_by_broker} stored articles are not on the raw topic, though it has its first message still: "
            "the broker came back empty, or the topic was made anew; what it had accepted besides can't be told"
        )
    say("the ledger is closed" if found.closed else "the ledger is NOT closed")
