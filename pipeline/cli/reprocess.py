"""`pipeline reprocess`: stored articles under the rules of today."""

from __future__ import annotations

from collections import deque
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.choices import check_choices
from pipeline.cli.output import EXIT_PROBLEMS, AsJson, print_json, print_table, progress, say, warn
from pipeline.cli.search import Since, Sources, Until
from pipeline.settings import Settings
from pipeline.stores.base import configured_store
from pipeline.stores.questions import ArticleQuestion

if TYPE_CHECKING:
    from pipeline.reprocessing import Review

_SHOWN = 5
_LONGEST = 70


def reprocess(
    *,
    stage: Annotated[
        str, typer.Option(help="The first stage whose findings are made anew, with those behind it.")
    ] = "entities",
    since: Since = None,
    until: Until = None,
    source: Sources = None,
    examples: Annotated[int, typer.Option(min=0, max=1000, help="Examples of each kind.")] = _SHOWN,
    execute: Annotated[
        bool, typer.Option("--execute", help="Do it. Without this, only say what would change.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Run stored articles through the rules of this version: what would change, and with --execute, change it.

    Articles whose records change are sent to news.raw again, as they were taken in; workers of this version store them
    anew, and `pipeline verify` tells when all are. What copies what is judged by the order in which articles came, and
    stays.
    """
    from pipeline.enricher import Enricher  # noqa: PLC0415 - the stages are slow to import
    from pipeline.reprocessing import Review, review, stages, with_dependants  # noqa: PLC0415 - as above

    check_choices("--stage", [stage], stages())
    settings = Settings.load()
    seen = Review(most=examples)
    question = ArticleQuestion(sources=tuple(source or ()), since=since, until=until)
    with ExitStack() as opened:
        store = opened.enter_context(closing(configured_store(settings, read_only=True)))
        enricher = Enricher.load(stages=with_dependants(stage))
        bar = opened.enter_context(progress())
        task = bar.add_task("looking at stored articles", total=None)
        changed = review(store, question, enricher, seen, on_article=lambda: bar.advance(task))
        if execute:
            from pipeline.cli.sending import Tally, publisher  # noqa: PLC0415 - the client is slow to import
            from pipeline.kafka.publisher import ArticleProducer  # noqa: PLC0415 - as above

            tally = Tally()
            with publisher(settings) as sending:
                tally.feed(changed, ArticleProducer(settings, sending).send)
            tally.close(sending)
            accepted, lost = tally.accepted, len(tally.lost) + tally.under_way + sum(tally.skipped.values())
        else:
            deque(changed, maxlen=0)
            accepted, lost = 0, 0
    _tell(seen, accepted=accepted, lost=lost, execute=execute, as_json=as_json)
    if lost or seen.refused:
        raise typer.Exit(EXIT_PROBLEMS)


def _tell(seen: Review, *, accepted: int, lost: int, execute: bool, as_json: bool) -> None:
    from pipeline.record.differences import Kind  # noqa: PLC0415 - with the rest of this command

    for article_id, why in seen.refused.items():
        warn(f"{article_id}: {why}; it stays as it is")
    if as_json:
        print_json(
            {
                "dry_run": not execute,
                "articles": seen.articles,
                "changed": seen.changed,
                "accepted": accepted,
                "not_accepted": lost,
                "refused": len(seen.refused),
                "differences": {
                    kind.value: {
                        "count": seen.counts[kind],
                        "articles": seen.articles_by_kind[kind],
                        "examples": [one._asdict() | {"kind": kind.value} for one in seen.examples[kind]],
                    }
                    for kind in Kind
                    if seen.counts[kind]
                },
            }
        )
        return
    print_table(
        ("what", "how many #", "articles #"),
        ((kind.value, seen.counts[kind], seen.articles_by_kind[kind]) for kind in Kind if seen.counts[kind]),
        title=None if seen.changed else "nothing that is stored would change",
    )
    for kind in Kind:
        if shown := seen.examples.get(kind):
            print_table(
                (kind.value, "before", "now", "article"),
                ((_short(one.about), _short(one.before), _short(one.after), one.article_id) for one in shown),
            )
    say(f"{seen.changed} of {seen.articles} articles would change" if not execute else _sent(accepted, lost))


def _sent(accepted: int, lost: int) -> str:
    missing = f"; {lost} were not: run it again" if lost else ""
    return f"{accepted} articles were sent to news.raw again{missing}; `pipeline verify` tells when they are stored"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
