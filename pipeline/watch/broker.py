"""Is the broker there: asked every two seconds, and at once when one of its clients complains."""

from __future__ import annotations

import logging
import threading

from pipeline.errors import PipelineError
from pipeline.kafka.admin import require_listener
from pipeline.settings import Settings
from pipeline.watch.faults import Fault
from pipeline.watch.logs import Clients, clients

log = logging.getLogger(__name__)

_PAUSE_SECONDS = 2.0  # that it is away is known within five
_SHORTEST_PAUSE_SECONDS = 0.5


class BrokerWatch(threading.Thread):
    """Says when the broker goes away and when it is back; what its clients say meanwhile is left out.

    Args:
        settings: where the broker is.
        heard: what its clients say.
    """

    def __init__(self, settings: Settings, heard: Clients = clients) -> None:
        super().__init__(name="broker-watch", daemon=True)
        self._settings = settings
        self._clients = heard
        self._fault = Fault("the broker", log.warning)
        self._stopping = threading.Event()

    @property
    def is_away(self) -> bool:
        """Whether it did not answer when it was last asked."""
        return self._fault.lasts

    def stop(self) -> None:
        """End after the look under way."""
        self._stopping.set()
        self._clients.heard.set()

    def run(self) -> None:
        """Look until stopped."""
        self._clients.watched = True
        while not self._stopping.is_set():
            self._look()
            self._wait()
        self._clients.watched = False
        self._clients.release()

    def _look(self) -> None:
        try:
            require_listener(self._settings)
        except PipelineError as error:
            self._clients.drop()
            self._fault.again(error)
            return
        if self._fault.lasts:
            self._clients.drop()
        left_out = self._clients.release()
        self._fault.over(f"; {left_out:,} lines of its clients were left out" if left_out else "")

    def _wait(self) -> None:
        """Until the next look; but for a moment only when a client complains of a broker that was there."""
        if self._fault.lasts:
            self._stopping.wait(_PAUSE_SECONDS)
        elif self._clients.heard.wait(_PAUSE_SECONDS):
            self._stopping.wait(_SHORTEST_PAUSE_SECONDS)
