"""`pipeline verify`: the ledger."""

from __future__ import annotations

from contextlib import closing

import typer

from pipeline.accounts import ledger
from pipeline.accounts.ledger import Ledger
from pipeline.cli.output import EXIT_PROBLEMS, AsJson, fail, print_json, print_table, say
from pipeline.settings import Settings
from pipeline.stores.base import configured_store


def verify(*, as_json: AsJson = False) -> None:
    """Check that every accepted article is stored, dead-lettered or discarded, once; exit 1 when not.

    Of each article, the last version that was accepted has to stand. While articles are under way they count as
    missing: run it when `pipeline status` shows no lag.
    """
    settings = Settings.load()
    with closing(configured_store(settings, read_only=True)) as store:
        found = ledger.verify(settings, store.versions)
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
    say(_verdict(found))


def _verdict(found: Ledger) -> str:
    if not found.closed:
        return "the ledger is NOT closed"
    if found.forgotten:
        return (
            f"the ledger is closed, but {found.forgotten} stored articles are not on the raw topic: "
            f"the broker has forgotten them (topic made anew?)"
        )
    return "the ledger is closed"
