"""`pipeline dead-letters`: what could not be processed, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

import typer

from pipeline import deadletters
from pipeline.cli.output import EXIT_PROBLEMS, AsJson, clean, print_json, print_table, say, stdout
from pipeline.deadletters import Selection
from pipeline.errors import Reason, UsageError
from pipeline.models import DeadLetter
from pipeline.settings import Settings
from pipeline.topics import STAGES

app = typer.Typer(help="List, show, re-drive or discard what could not be processed.", no_args_is_help=True)

Letters = Annotated[
    list[str] | None, typer.Argument(metavar="[LETTER...]", help="Letter ids, as `list` shows them.")
]
ArticleIds = Annotated[list[str] | None, typer.Option("--article", help="By article id; may be repeated.")]
ByReason = Annotated[str | None, typer.Option(help=f"By reason: {', '.join(Reason)}.")]
ByStage = Annotated[str | None, typer.Option(help=f"By stage: {', '.join(STAGES)}.")]
Since = Annotated[datetime | None, typer.Option(help="Failed at or after this time (UTC).")]
Until = Annotated[datetime | None, typer.Option(help="Failed before this time (UTC).")]
Apply = Annotated[bool, typer.Option("--yes", help="Do it. Without this, only say what would be done.")]


def _selection(
    ids: list[str] | None,
    *,
    article: list[str] | None,
    reason: str | None,
    stage: str | None,
    since: datetime | None,
    until: datetime | None,
    status: str | None = "open",
) -> Selection:
    if reason is not None and reason not in set(Reason):
        raise UsageError(f"--reason {reason}: there are {', '.join(Reason)}")
    if stage is not None and stage not in STAGES:
        raise UsageError(f"--stage {stage}: there are {', '.join(STAGES)}")
    return Selection(
        frozenset(ids or ()),
        frozenset(article or ()),
        reason,
        stage,
        since.replace(tzinfo=since.tzinfo or UTC) if since else None,
        until.replace(tzinfo=until.tzinfo or UTC) if until else None,
        status,
    )


@app.command("list")
def list_letters(
    letters: Letters = None,
    *,
    article: ArticleIds = None,
    reason: ByReason = None,
    stage: ByStage = None,
    since: Since = None,
    until: Until = None,
    everything: Annotated[bool, typer.Option("--all", help="Also those re-driven or discarded.")] = False,
    as_json: AsJson = False,
) -> None:
    """List dead letters: open ones, unless --all."""
    selection = _selection(
        letters,
        article=article,
        reason=reason,
        stage=stage,
        since=since,
        until=until,
        status=None if everything else "open",
    )
    found = deadletters.letters(Settings.load(), selection)
    if as_json:
        for letter in found:
            print_json(
                {
                    **letter.model_dump(mode="json", exclude={"key", "value"}),
                    "bytes": len(letter.value or b""),
                }
            )
        return
    _table(found)


@app.command()
def show(letter: Annotated[str, typer.Argument(help="The letter's id.")], *, as_json: AsJson = False) -> None:
    """Show one dead letter whole, with the bytes of its message."""
    found = next(deadletters.letters(Settings.load(), Selection(frozenset([letter]), status=None)), None)
    if found is None:
        raise UsageError(f"{letter}: no such dead letter: see `pipeline dead-letters list --all`")
    if as_json:
        print_json(found.model_dump(mode="json"))
        return
    fields = found.model_dump(mode="json", exclude={"value", "key", "schema_version"})
    print_table(("field", "value"), fields.items())
    stdout.print()
    stdout.print(clean((found.value or b"").decode(errors="replace")), markup=False, soft_wrap=True)


@app.command()
def redrive(
    letters: Letters = None,
    *,
    article: ArticleIds = None,
    reason: ByReason = None,
    stage: ByStage = None,
    since: Since = None,
    until: Until = None,
    rate: Annotated[float | None, typer.Option(min=0.001, help="At most so many a second.")] = None,
    yes: Apply = False,
    as_json: AsJson = False,
) -> None:
    """Send dead letters back to where they failed. Says what it would do, unless --yes."""
    settings = Settings.load()
    selection = _selection(letters, article=article, reason=reason, stage=stage, since=since, until=until)
    chosen = deadletters.letters(settings, selection)
    if not yes:
        _dry_run(chosen, "re-driven", as_json=as_json)
        return
    _report(deadletters.redrive(settings, chosen, rate=rate), "re-driven", as_json=as_json)


@app.command()
def discard(
    letters: Letters = None,
    *,
    article: ArticleIds = None,
    reason: ByReason = None,
    stage: ByStage = None,
    since: Since = None,
    until: Until = None,
    yes: Apply = False,
    as_json: AsJson = False,
) -> None:
    """Drop dead letters on purpose; the ledger counts them. Says what it would do, unless --yes."""
    settings = Settings.load()
    selection = _selection(letters, article=article, reason=reason, stage=stage, since=since, until=until)
    chosen = deadletters.letters(settings, selection)
    if not yes:
        _dry_run(chosen, "discarded", as_json=as_json)
        return
    _report(deadletters.discard(settings, chosen), "discarded", as_json=as_json)


def _table(found: Iterator[DeadLetter]) -> None:
    rows = [
        (
            letter.letter_id,
            letter.article_id,
            letter.reason,
            letter.attempts,
            f"{letter.failed_at:%Y-%m-%d %H:%M:%S}",
            letter.status,
            letter.error,
        )
        for letter in found
    ]
    if rows:
        print_table(("letter", "article", "reason", "attempts #", "failed at", "status", "error"), rows)
    else:
        say("no dead letters")


def _dry_run(chosen: Iterator[DeadLetter], what: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"dry_run": True, "letters": [letter.letter_id for letter in chosen]})
        return
    _table(chosen)
    say(f"these would be {what}: add --yes to do it")


def _report(count: int, what: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"dry_run": False, what.replace("-", "_"): count})
    else:
        say(f"{count} {what}")
    if not count:
        raise typer.Exit(EXIT_PROBLEMS)
