"""`pipeline broker`: the embedded broker, for trying things out by hand."""

from __future__ import annotations

import signal
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.output import AsJson, print_json, say
from pipeline.errors import PipelineError
from pipeline.execution.signals import interrupt
from pipeline.kafka.embedded import EmbeddedBroker


def broker(
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="On 127.0.0.1; 0 for any free one.")] = 9092,
    data: Annotated[
        Path | None, typer.Option(help="Keep what it holds in this folder, for the next one to go on with.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run the embedded broker until Ctrl-C or SIGTERM. Without --data all it holds is gone when it ends."""
    signal.signal(signal.SIGTERM, interrupt)
    with tempfile.TemporaryDirectory(prefix="news-pipeline-") as folder:
        log = Path(folder) / "broker.log"
        with EmbeddedBroker(log, port=port, data=data) as running:
            if as_json:
                print_json({"event": "ready", "bootstrap_servers": running.address})
            else:
                say(f"listening: PIPELINE_BOOTSTRAP_SERVERS={running.address} (Ctrl-C ends it)")
            try:
                code = running.process.wait() if running.process else 0
            except KeyboardInterrupt:
                return
            raise PipelineError(
                f"the broker ended by itself with {code}: {log.read_text(errors='replace')[-500:]}"
            )
