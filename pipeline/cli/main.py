"""The `pipeline` command: one entrance, and the one place where errors become exit codes."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from pipeline import __version__
from pipeline.cli import (
    broker,
    dead_letters,
    demo,
    doctor,
    enrich,
    exporter,
    replay,
    search,
    status,
    store,
    topics,
    verify,
    worker,
)
from pipeline.cli.output import EXIT_INTERRUPTED, EXIT_PROBLEMS, EXIT_UNAVAILABLE, EXIT_USAGE, fail
from pipeline.errors import PipelineError, SettingsError, TransientError, UsageError

app = typer.Typer(
    name="pipeline",
    help="News articles in, records that a newsroom can query out: what is a copy, who is named, who said what.",
    epilog="Exit codes: 0 all well; 1 done, with problems that were named; 2 wrong usage or settings; "
    "3 Kafka or the database is away; 130 interrupted. Settings: `pipeline doctor` lists them.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command()(demo.demo)
app.command()(enrich.enrich)
app.command()(replay.replay)
app.command()(worker.worker)
app.command()(status.status)
app.command()(verify.verify)
app.command()(search.quotes)
app.command()(search.articles)
app.command()(search.entities)
app.command()(search.clusters)
app.command()(doctor.doctor)
app.command()(exporter.exporter)
app.command()(broker.broker)
app.add_typer(topics.app, name="topics")
app.add_typer(dead_letters.app, name="dead-letters")
app.add_typer(store.app, name="store")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _options(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line and exit."""
    try:
        app()
    except (UsageError, SettingsError) as error:
        fail(str(error))
        sys.exit(EXIT_USAGE)
    except TransientError as error:
        fail(str(error))
        sys.exit(EXIT_UNAVAILABLE)
    except PipelineError as error:
        fail(str(error))
        sys.exit(EXIT_PROBLEMS)
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output has gone (head, less): not an error, and nothing more can be said there.
        sys.stdout = None
        sys.exit(EXIT_PROBLEMS)
