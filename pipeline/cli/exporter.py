"""`pipeline exporter`: the lag of all stages, for Prometheus."""

from __future__ import annotations

import logging
import threading

from pipeline.cli.output import AsJson, print_json, say
from pipeline.execution.signals import already_stopping, on_stop
from pipeline.settings import Settings
from pipeline.watch.exporter import Exporter


def exporter(*, as_json: AsJson = False) -> None:
    """Serve the lag of all stages by committed offsets, and the open dead letters, until SIGTERM.

    For where stages run apart: it sees the stage whose worker is gone. On PIPELINE_METRICS_PORT, with /live and
    /ready. With --json one line is printed on stdout when it listens.
    """
    settings = Settings.load()
    logging.basicConfig(
        level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s", datefmt="%H:%M:%S"
    )
    logging.getLogger("kafka").setLevel(max(logging.WARNING, logging.getLogger().level))
    stop = threading.Event()
    on_stop(stop.set)
    with Exporter(settings) as running:
        if as_json:
            print_json({"event": "ready", "metrics": running.url})
        else:
            say(f"metrics at {running.url}")
        stop.wait()
        already_stopping()
