"""`pipeline forget` and `pipeline retain`: articles taken out on purpose."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from typing import Annotated

import typer

from pipeline.cli.output import AsJson, print_json, print_table, progress, say
from pipeline.cli.times import FORMS, moment
from pipeline.errors import UsageError
from pipeline.kafka.topics import declared
from pipeline.settings import Settings
from pipeline.stores.base import Store, configured_store, removals_of
from pipeline.stores.removals import Removal

_SHOWN = 10

Execute = Annotated[
    bool, typer.Option("--execute", help="Do it. Without this, only say what would be removed.")
]


def forget(
    article_ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID...]", help="Ids of articles, as searches show them.")
    ] = None,
    *,
    url: Annotated[str | None, typer.Option(help="The article of this address.")] = None,
    source: Annotated[str | None, typer.Option(help="All articles of this outlet.")] = None,
    with_copies: Annotated[
        bool, typer.Option("--with-copies", help="Also exact and near copies, of other outlets too.")
    ] = False,
    recall: Annotated[
        bool, typer.Option("--recall", help="Let articles that were removed come again: with IDs.")
    ] = False,
    execute: Execute = False,
    as_json: AsJson = False,
) -> None:
    """Remove articles on purpose: from the store, the searches, what finds copies, and the dead letters.

    They are refused when they come again; `verify` counts them as forgotten. Copies stay unless --with-copies: the
    earliest takes the place of what goes.

    Examples: `pipeline forget 3f9c… --execute`; `pipeline forget --source "Harbour Post" --with-copies`.
    """
    ids = tuple(article_ids or ())
    if not (ids or url or source):
        raise UsageError("say which: ids of articles, --url or --source")
    settings = Settings.load()
    with closing(configured_store(settings)) as store:
        if recall:
            if not ids or url or source:
                raise UsageError("--recall takes ids of articles")
            say(f"{removals_of(store).recall(ids)} articles may come again: replay them")
            return
        removal = Removal(ids, url, source)
        _remove(settings, store, removal, with_copies=with_copies, execute=execute, as_json=as_json)


def retain(
    *,
    older_than: Annotated[
        datetime,
        typer.Option(parser=moment, metavar="TIME", help=f"What was published before this goes: {FORMS}."),
    ],
    execute: Execute = False,
    as_json: AsJson = False,
) -> None:
    """Remove articles by age. Without --execute, say what would go.

    An article without a date is as old as its ingest. Copies that are not as old stay.

    Examples: `pipeline retain --older-than 400d`; `pipeline retain --older-than 2025-01 --execute`.
    """
    settings = Settings.load()
    with closing(configured_store(settings)) as store:
        removal = Removal(before=older_than)
        _remove(settings, store, removal, with_copies=False, execute=execute, as_json=as_json)


def _remove(
    settings: Settings, store: Store, removal: Removal, *, with_copies: bool, execute: bool, as_json: bool
) -> None:
    from pipeline.removal import carry_out, plan  # noqa: PLC0415 - the stages are slow to import

    planned = plan(settings, store, removal, with_copies=with_copies)
    if not as_json:
        print_table(
            ("article", "published", "outlet", "title"),
            (
                (one.article_id, f"{one.time:%Y-%m-%d %H:%M}", one.source, one.title)
                for one in planned.chosen[:_SHOWN]
            ),
            title=None if planned.chosen else "no article that is stored is meant",
        )
        if len(planned.chosen) > _SHOWN:
            say(f"… and {len(planned.chosen) - _SHOWN} more")
    if execute:
        with progress() as bar:
            task = bar.add_task("removing", total=len(planned.chosen))
            removed = carry_out(settings, store, planned, on_done=lambda done: bar.advance(task, done))
    else:
        removed = 0
    summary = {
        "dry_run": not execute,
        "articles": len(planned.chosen),
        "removed": removed,
        "copies_that_stay": [one.article_id for one in planned.staying],
        "dead_letters": len(planned.letters),
        "on_topics_for_hours": settings.retention_hours,
    }
    if as_json:
        print_json(summary)
        return
    verb = "removed" if execute else "would be removed (dry run: --execute does it)"
    say(f"{len(planned.chosen)} articles and what {len(planned.letters)} dead letters hold {verb}")
    if planned.staying:
        say(f"{len(planned.staying)} copies of them stay: --with-copies takes them too")
    if execute:
        kept = [spec.name for spec in declared(settings) if spec.config["cleanup.policy"] == "delete"]
        say(
            f"messages on {', '.join(kept)} go with their retention, within {settings.retention_hours} h; what dead "
            "letters held, when the broker compacts their topic; a worker that runs keeps fingerprints until it ends"
        )
