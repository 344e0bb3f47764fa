"""`pipeline export`: records out of the store, in the forms that other programs read."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.choices import check_choices
from pipeline.cli.output import clean, print_json, say
from pipeline.cli.search import Languages, Since, Sources, Until, Verdicts, did_you_mean
from pipeline.cli.writing import whole_file
from pipeline.errors import InstallationError, UsageError
from pipeline.exports.form import ARTICLES, NAMES, STATEMENTS, Asked, Form
from pipeline.exports.forms import FORMS, form_of_file
from pipeline.record import EnrichedArticle, Polarity
from pipeline.stores.questions import ArticleQuestion
from pipeline.stores.reader import open_store

_OF = (ARTICLES, STATEMENTS, NAMES)


def export(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="WORDS", help='Words and "phrases" of the text; all articles without.'),
    ] = None,
    *,
    form_name: Annotated[
        str | None,
        typer.Option(
            "--as",
            metavar="FORM",
            help=f"{', '.join(FORMS)}. By default what the name of the file tells, else jsonl.",
        ),
    ] = None,
    of: Annotated[
        str, typer.Option(metavar="ROWS", help="What a row or item is: articles, statements or names.")
    ] = ARTICLES,
    output: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write this file, whole or not at all, instead of stdout."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    name: Annotated[
        str | None, typer.Option(help="Articles that name this person or thing, in full or in short.")
    ] = None,
    source: Sources = None,
    verdict: Verdicts = None,
    language: Languages = None,
    speaker: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Statements of theirs (a full name, or a surname), and articles with some."
        ),
    ] = None,
    polarity: Annotated[
        list[Polarity] | None,
        typer.Option(
            help="Statements that are asserted, denied, doubted …, and articles with some; may be repeated."
        ),
    ] = None,
    since: Since = None,
    until: Until = None,
    limit: Annotated[int | None, typer.Option(min=1, help="From at most so many articles.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="With --output: say what was written as JSON on stdout.")
    ] = False,
) -> None:
    """Write stored records as JSON lines, CSV, Parquet, ninjs, JSON-LD or RSS, the latest first."""
    form = _form(form_name, of, output)
    question = ArticleQuestion(
        words=" ".join(words) if words else None,
        naming=name,
        sources=tuple(source or ()),
        verdicts=tuple(verdict or ()),
        languages=tuple(language or ()),
        since=since,
        until=until,
    )
    told = [*(words or ()), *(part for part in (name, speaker) if part), *(source or ()), *(polarity or ())]
    title = of.capitalize() + (f": {', '.join(told)}" if told else "")
    asked = Asked(of, speaker, tuple(polarity or ()), title)
    with open_store() as store:
        fitting = islice(filter(asked.fits, store.records(question)), limit)
        if output is None:
            count = _to_stdout(form, fitting, asked)
        else:
            with whole_file(output, replace=force, option="--output") as file:
                count = form.write(fitting, file, asked)
        hint = did_you_mean(store, name) if not count else ""
    if output is not None and as_json:
        print_json({"file": str(output), "form": form.name, "of": of, "written": count})
    elif output is not None or not count:
        say(f"{count:,} {of} written{f' to {output}' if output else ''}{hint}")


def _form(name: str | None, of: str, output: Path | None) -> Form:
    check_choices("--as", [name] if name else [], FORMS)
    check_choices("--of", [of], _OF)
    told = form_of_file(output.name) if output and name is None else None
    form = told or FORMS[name or "jsonl"]
    if of not in form.of:
        fitting = ", ".join(one.name for one in FORMS.values() if of in one.of)
        raise UsageError(
            f"--as {form.name} --of {of}: {form.name} is of {' or '.join(form.of)}; {of}: {fitting}"
        )
    if form.is_binary and output is None:
        raise UsageError(f"--as {form.name} needs --output FILE")
    return form


def _to_stdout(form: Form, records: Iterable[EnrichedArticle], asked: Asked) -> int:
    try:
        count = form.write(records, _Terminal() if sys.stdout.isatty() else sys.stdout.buffer, asked)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read it has gone, which is no fault
        raise
    except OSError as error:
        raise InstallationError(f"stdout: can't be written: {error.strerror or error}") from error
    return count


class _Terminal:
    """What a person looks at: without the control characters that a terminal would obey, and a file keeps."""

    def write(self, data: bytes) -> None:
        sys.stdout.write(clean(data.decode().replace("\r\n", "\n")))
