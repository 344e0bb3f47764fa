"""`pipeline dead-letters`: what could not be processed, and what to do about it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

import click
import orjson
import typer

from pipeline.accounts import deadletters, ledger
from pipeline.accounts.deadletters import Selection
from pipeline.accounts.letterbox import is_letter
from pipeline.accounts.mending import changed
from pipeline.accounts.originals import OriginalError, restored
from pipeline.cli.choices import check_choices
from pipeline.cli.output import EXIT_PROBLEMS, AsJson, clean, print_json, print_table, say, stdout, warn
from pipeline.cli.times import FORMS, moment
from pipeline.errors import Reason, UsageError
from pipeline.flow import FLOW
from pipeline.record import DeadLetter
from pipeline.settings import Settings
from pipeline.stores.base import configured_store

app = typer.Typer(help="List, show, re-drive or discard what could not be processed.", no_args_is_help=True)

Apply = Annotated[bool, typer.Option("--yes", help="Do it. Without this, only say what would be done.")]


def _selection(
    letters: Annotated[
        list[str] | None, typer.Argument(metavar="[LETTER...]", help="Letter ids, as `list` shows them.")
    ] = None,
    *,
    article: Annotated[
        list[str] | None, typer.Option("--article", help="By article id; may be repeated.")
    ] = None,
    reason: Annotated[str | None, typer.Option(help=f"By reason: {', '.join(Reason)}.")] = None,
    stage: Annotated[str | None, typer.Option(help=f"By stage: {', '.join(FLOW.sources)}.")] = None,
    since: Annotated[
        datetime | None,
        typer.Option(parser=moment, metavar="TIME", help=f"Failed at or after this time (UTC): {FORMS}."),
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(parser=moment, metavar="TIME", help="Failed before this time (UTC).")
    ] = None,
    doubled: Annotated[
        bool, typer.Option("--doubled", help="What `verify` finds in two places: stored all the same.")
    ] = False,
) -> tuple[Settings, Selection]:
    """The options that say which letters are meant: the same for every command."""
    check_choices("--reason", [reason] if reason is not None else [], list(Reason))
    check_choices("--stage", [stage] if stage is not None else [], FLOW.sources)
    settings = Settings.load()
    return settings, Selection(
        frozenset(letters or ()),
        frozenset(article or ()),
        reason,
        stage,
        since,
        until,
        among=_doubled(settings) if doubled else None,
    )


def _doubled(settings: Settings) -> frozenset[str]:
    with closing(configured_store(settings, read_only=True)) as store:
        return ledger.doubled(settings, store.versions)


def _selecting(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of `_selection`, in the place of its first two parameters."""
    choosing = inspect.signature(_selection, eval_str=True).parameters
    own = list(inspect.signature(command, eval_str=True).parameters.values())[2:]

    def run(**options: Any) -> None:
        settings, selection = _selection(**{name: options.pop(name) for name in choosing})
        command(settings, selection, **options)

    parameters = [*choosing.values(), *own]
    run.__name__, run.__doc__ = command.__name__, command.__doc__
    # What Typer reads.
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run


@app.command("list")
@_selecting
def list_letters(
    settings: Settings,
    selection: Selection,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Also those re-driven or discarded.")] = False,
    as_json: AsJson = False,
) -> None:
    """List dead letters: open ones, unless --all."""
    found = deadletters.letters(settings, replace(selection, status=None) if everything else selection)
    if as_json:
        for letter in found:
            print_json(
                {
                    **letter.model_dump(mode="json", exclude={"key", "value"}),
                    "bytes": letter.omitted_value.bytes if letter.omitted_value else len(letter.value or b""),
                }
            )
        return
    _table(found)


@app.command()
def show(letter: Annotated[str, typer.Argument(help="The letter's id.")], *, as_json: AsJson = False) -> None:
    """Show one dead letter whole, with the bytes of its message."""
    settings = Settings.load()
    found = next(deadletters.letters(settings, Selection(frozenset([letter]), status=None)), None)
    if found is None:
        raise UsageError(f"{letter}: no such dead letter: see `pipeline dead-letters list --all`")
    try:
        found = restored(settings, found)
    except OriginalError as error:
        warn(f"{found.letter_id}: the letter had no room for its message, and {error}")
    if as_json:
        print_json(found.model_dump(mode="json"))
        return
    fields = found.model_dump(mode="json", exclude={"value", "key", "schema_version"})
    print_table(("field", "value"), fields.items())
    stdout.print()
    stdout.print(clean((found.value or b"").decode(errors="replace")), markup=False, soft_wrap=True)


@app.command()
@_selecting
def redrive(
    settings: Settings,
    selection: Selection,
    *,
    rate: Annotated[float | None, typer.Option(min=0.001, help="At most so many a second.")] = None,
    yes: Apply = False,
    as_json: AsJson = False,
) -> None:
    """Send dead letters back to where they failed. Says what it would do, unless --yes.

    What is no dead letter, and a message with neither key nor value, is left: it can only be discarded. Exit 1 when
    there was one.
    """
    chosen = deadletters.letters(settings, selection)
    left: list[DeadLetter] = []

    def leave(letter: DeadLetter, why: str) -> None:
        left.append(letter)
        warn(f"{letter.letter_id} is left: {why}")

    if yes:
        count = deadletters.redrive(settings, chosen, rate=rate, on_left=leave)
        _report(count, "re-driven", as_json=as_json, left=len(left))
    else:
        _dry_run(deadletters.sendable(chosen, leave), "re-driven", as_json=as_json)


@app.command()
@_selecting
def discard(settings: Settings, selection: Selection, *, yes: Apply = False, as_json: AsJson = False) -> None:
    """Drop dead letters on purpose; the ledger counts them. Says what it would do, unless --yes."""
    chosen = deadletters.letters(settings, selection)
    if yes:
        _report(deadletters.discard(settings, chosen), "discarded", as_json=as_json)
    else:
        _dry_run(chosen, "discarded", as_json=as_json)


@app.command()
def edit(
    letter: Annotated[str, typer.Argument(help="The letter's id.")],
    *,
    changes: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="FIELD=VALUE", help="Instead of the editor; article.source for a record."
        ),
    ] = None,
) -> None:
    """Mend the message of a dead letter in $EDITOR, or with --set, and re-drive it as soon as it is right.

    A VALUE that is JSON is taken as such (null, 7, "7"), any other as a string. What is still wrong is named, and
    nothing is sent.
    """
    settings = Settings.load()
    found = next(deadletters.letters(settings, Selection(frozenset([letter]))), None)
    if found is None:
        raise UsageError(f"{letter}: no such open dead letter: see `pipeline dead-letters list`")
    if not is_letter(found):
        raise UsageError(f"{letter} can't be read as a dead letter: discard it")
    try:
        value = restored(settings, found).value or b"{}"
    except OriginalError as error:
        raise UsageError(f"{letter} can't be mended: {error}") from None
    deadletters.redrive_mended(settings, found, changed(value, changes) if changes else _in_editor(value))
    say(f"{letter} is mended and re-driven")


def _in_editor(value: bytes) -> bytes:
    try:
        text = orjson.dumps(orjson.loads(value), option=orjson.OPT_INDENT_2).decode()
    except orjson.JSONDecodeError:
        text = value.decode(errors="replace")
    try:
        edited = click.edit(text, extension=".json")
    except click.ClickException as error:
        raise UsageError(f"{error.format_message()}: set EDITOR, or use --set") from None
    if edited is None:
        raise UsageError("nothing was changed, and nothing sent")
    return edited.encode()


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


def _report(count: int, what: str, *, as_json: bool, left: int = 0) -> None:
    if as_json:
        print_json({"dry_run": False, what.replace("-", "_"): count, "left": left})
    else:
        say(f"{count} {what}" + (f", {left} left" if left else ""))
    if left or not count:
        raise typer.Exit(EXIT_PROBLEMS)
