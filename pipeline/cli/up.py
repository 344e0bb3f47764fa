"""`pipeline up`: the whole pipeline on this machine, to stay."""

from __future__ import annotations

import signal
import threading
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.console import running
from pipeline.cli.output import EXIT_USAGE, AsJson, print_json, say, stdout, warn
from pipeline.errors import PipelineError, SettingsError, UsageError
from pipeline.execution.signals import interrupt
from pipeline.local import LocalPipeline, lasting
from pipeline.settings import Settings, variable

if TYPE_CHECKING:
    from pipeline.web.console.server import Console

_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 1.0, 60.0
_RECOVERED_SECONDS = 600.0  # a worker that ran so long was well


def up(
    *,
    data: Annotated[Path, typer.Option(help="Where everything is kept.")] = Path("news-pipeline"),
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Of the broker, on 127.0.0.1; 0 for any free one.")
    ] = 9092,
    console: Annotated[
        bool, typer.Option("--console/--no-console", help="Serve the console too, where it is installed.")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Run the pipeline on this machine until Ctrl-C: a broker, all stages, a SQLite store, in one folder.

    Started again, it goes on where it was: what was accepted and is not stored yet is stored then, after a power
    cut too. Articles come from another terminal: `pipeline replay FOLDER`, `pipeline watch FOLDER`.
    """
    signal.signal(signal.SIGTERM, interrupt)
    try:
        with lasting(data) as place, LocalPipeline(place, port=port) as local, ExitStack() as stack:
            metrics = local.await_ready()
            served = _console(local.settings, metrics) if console else None
            if served is not None:
                stack.enter_context(served)
            _show(local.broker, place.database_url, metrics, served.url if served else None, as_json=as_json)
            _keep_running(local)
    except KeyboardInterrupt:
        if not as_json:
            say(f"stopped; everything is in {data}, and `pipeline up` goes on with it")


def _console(settings: Settings, metrics: str) -> Console | None:
    """The console at its own port, or at any free one; None where it is not installed."""
    with suppress(UsageError):
        known = settings.model_copy(update={"console_sink_metrics": metrics})
        try:
            return running(known)
        except SettingsError:
            return running(known.model_copy(update={"console_port": 0}))
    return None


def _keep_running(local: LocalPipeline) -> None:
    """Start the worker or the broker again when it ends by itself."""
    local.watch()
    pauses: dict[str, float] = {}
    began: dict[str, float] = {}
    while True:
        part, code = local.await_end()
        if part == "worker" and code == EXIT_USAGE:
            raise PipelineError(f"the worker can't run: {_last_line(local.log)} (see {local.log})")
        if time.monotonic() - began.get(part, -_RECOVERED_SECONDS) >= _RECOVERED_SECONDS:
            pauses[part] = _FIRST_PAUSE_SECONDS
        pause = pauses[part]
        warn(f"the {part} ended with {code}; it is started again in {pause:.0f} s: see {local.logs[part]}")
        threading.Event().wait(pause)
        pauses[part] = min(2 * pause, _LONGEST_PAUSE_SECONDS)
        began[part] = time.monotonic()
        local.restart(part)
        with suppress(PipelineError):  # its exit code says more
            if part == "worker":
                local.await_ready()
            say(f"the {part} is ready again")


def _show(broker: str, database_url: str, metrics: str, console: str | None, *, as_json: bool) -> None:
    if as_json:
        found = {
            "bootstrap_servers": broker,
            "database_url": database_url,
            "metrics": metrics,
            "console": console,
        }
        print_json({"event": "ready", **found})
        return
    say(f"ready; metrics at {metrics}; Ctrl-C ends it")
    if console:
        say(f"console at {console}")
    exports = {variable("database_url"): database_url}
    if (broker,) != Settings.model_fields["bootstrap_servers"].default:
        exports[variable("bootstrap_servers")] = broker
    stdout.print("in another terminal:")
    for name, value in exports.items():
        stdout.print(f"  export {name}={value}", markup=False, soft_wrap=True)
    for line in (
        "pipeline replay FOLDER      # or: pipeline watch FOLDER",
        "pipeline status --watch",
        "pipeline quotes --limit 10",
        "pipeline alerts --follow    # of `pipeline questions add`; webhooks: pipeline questions deliver",
    ):
        stdout.print(f"  {line}", markup=False, soft_wrap=True)


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"
