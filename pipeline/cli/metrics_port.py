"""The metrics port of commands that run until they are ended."""

from __future__ import annotations

from contextlib import ExitStack

from pipeline.cli.output import print_json, say
from pipeline.settings import Settings
from pipeline.watch.exposition import Exposition


def serve_metrics(stack: ExitStack, settings: Settings, port: int | None, *, as_json: bool) -> None:
    """Serve them until the stack is left, and say where; without a port, do nothing.

    Raises:
        SettingsError: the port is taken.
    """
    if port is None:
        return
    served = Exposition(settings.metrics_host, port, live=list, ready=list)
    stack.callback(served.close)
    if as_json:
        print_json({"event": "ready", "metrics": served.url})
    else:
        say(f"metrics at {served.url}")
