"""`pipeline worker`: the stream processors and the sink."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from pipeline.cli.choices import check_choices
from pipeline.cli.output import AsJson, print_json
from pipeline.execution.memory import share_arenas
from pipeline.flow import FLOW
from pipeline.settings import Settings
from pipeline.watch.logs import configure


def worker(
    *,
    stage: Annotated[
        list[str] | None,
        typer.Option(
            help=f"Only this stage; may be repeated. One of {', '.join(FLOW.sources)}. Default: all."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run the stages until SIGTERM, then drain: what was taken is finished and committed.

    With --json one line is printed on stdout when all stages have their partitions. Metrics and the probes
    /live and /ready are on PIPELINE_METRICS_PORT.
    """
    check_choices("--stage", stage or (), FLOW.sources)
    settings = Settings.load()
    configure(settings)

    def ready(metrics_url: str) -> None:
        if as_json:
            stages = stage or list(FLOW.sources)
            print_json({"event": "ready", "stages": stages, "metrics": metrics_url, "pid": os.getpid()})

    share_arenas()
    from pipeline.stream.worker import Worker  # noqa: PLC0415 - Faust and spaCy are slow to import

    Worker(settings, stage or list(FLOW.sources), on_ready=ready).run()
