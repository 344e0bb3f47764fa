"""`pipeline up`: the whole pipeline on this machine, to stay."""

from __future__ import annotations

import signal
import threading
import time
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.output import EXIT_USAGE, AsJson, print_json, say, stdout, warn
from pipeline.errors import PipelineError
from pipeline.execution.signals import interrupt
from pipeline.local import LocalPipeline, lasting
from pipeline.settings import Settings, variable

_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 1.0, 60.0
_RECOVERED_SECONDS = 600.0  # a worker that ran so long was well


def up(
    *,
    data: Annotated[Path, typer.Option(help="Where everything is kept.")] = Path("news-pipeline"),
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Of the broker, on 127.0.0.1; 0 for any free one.")
    ] = 9092,
    as_json: AsJson = False,
) -> None:
    """Run the pipeline on this machine until Ctrl-C: a broker, all stages, a SQLite store, in one folder.

    Started again, it goes on where it was: what was accepted and is not stored yet is stored then, after a power
    cut too. Articles come from another terminal: `pipeline replay FOLDER`, `pipeline watch FOLDER`.
    """
    signal.signal(signal.SIGTERM, interrupt)
    try:
        with lasting(data) as place, LocalPipeline(place, port=port) as local:
            _keep_running(local, place.database_url, as_json=as_json)
    except KeyboardInterrupt:
        if not as_json:
            say(f"stopped; everything is in {data}, and `pipeline up` goes on with it")


def _keep_running(local: LocalPipeline, database_url: str, *, as_json: bool) -> None:
    pause = _FIRST_PAUSE_SECONDS
    shown = False
    while True:
        began = time.monotonic()
        try:
            metrics = local.await_ready()
        except PipelineError:
            pass  # its exit code says more
        else:
            if as_json:
                print_json(
                    {
                        "event": "ready",
                        "bootstrap_servers": local.broker,
                        "database_url": database_url,
                        "metrics": metrics,
                    }
                )
            elif not shown:
                _show(local.broker, database_url, metrics)
            shown = True
        code = local.await_end()
        if code == EXIT_USAGE:
            raise PipelineError(f"the worker can't run: {_last_line(local.log)} (see {local.log})")
        if time.monotonic() - began > _RECOVERED_SECONDS:
            pause = _FIRST_PAUSE_SECONDS
        warn(f"the worker ended with {code}; it is started again in {pause:.0f} s: see {local.log}")
        threading.Event().wait(pause)
        pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
        local.restart()


def _show(broker: str, database_url: str, metrics: str) -> None:
    say(f"ready; metrics at {metrics}; Ctrl-C ends it")
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
    ):
        stdout.print(f"  {line}", markup=False, soft_wrap=True)


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"
