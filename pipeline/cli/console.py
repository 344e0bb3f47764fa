"""`pipeline console`: pages to look at the stream, read articles and search, and an interface for programs."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.output import AsJson, print_json, say
from pipeline.errors import PipelineError, UsageError
from pipeline.execution.signals import already_stopping, on_stop
from pipeline.settings import Settings
from pipeline.watch.logs import configure

if TYPE_CHECKING:
    from pipeline.web.console.server import Console


def console(
    *,
    host: Annotated[
        str | None, typer.Option(help="Where to listen; by default PIPELINE_CONSOLE_HOST.")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="0: any free one; by default PIPELINE_CONSOLE_PORT."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Serve the console until SIGTERM: the stream live, articles with their findings, searches, an API.

    It only reads. On an address that others reach it needs PIPELINE_CONSOLE_TOKEN. With --json one line is printed on
    stdout when it listens.
    """
    given = {"console_host": host, "console_port": port}
    settings = Settings.load(**{name: value for name, value in given.items() if value is not None})
    configure(settings)
    stop = threading.Event()
    on_stop(stop.set)
    with running(settings) as served:
        if as_json:
            print_json({"event": "ready", "url": served.url})
        else:
            say(f"console at {served.url}")
        while not stop.wait(1.0):
            if not served.is_running:
                raise PipelineError("the console ended by itself: its log says why")
        already_stopping()


def running(settings: Settings) -> Console:
    """The console of these settings, to be entered.

    Raises:
        UsageError: what serves it is not installed.
        SettingsError: see Console.
    """
    try:
        from pipeline.web.console.server import Console  # noqa: PLC0415 - needs the optional packages
    except ModuleNotFoundError as error:
        raise UsageError(
            f"the console needs {error.name}, which is not installed: pip install 'news-pipeline[web]'"
        ) from None
    return Console(settings)
