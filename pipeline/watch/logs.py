"""The log of a process: one line an event, as text or JSON, and what libraries say a thousand times said once."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime

import orjson

from pipeline.settings import LogFormat, Settings

_CLIENTS = ("aiokafka", "kafka", "faust", "mode", "pipeline.stream.apps", "pipeline.stream.commits")
_NOISY = (*_CLIENTS, "alembic")
_PAUSE_SECONDS = 60.0
_MOST_HELD = 100


class Text(logging.Formatter):
    """Time, level, where, what; the time is UTC."""

    converter = staticmethod(time.gmtime)

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%SZ")


class Json(logging.Formatter):
    """One JSON object a line: `time` (UTC), `level`, `logger`, `message`; `stage` and `error` where there are any."""

    def format(self, record: logging.LogRecord) -> str:
        """See logging.Formatter."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if (stage := getattr(record, "stage", None)) is not None:
            line["stage"] = stage
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str).decode()


class Clients:
    """What the clients of the broker say, held until it is known whether the broker is there.

    Without a broker they log three hundred lines a second. Whoever watches the broker says so in one line instead:
    then what they say is counted and left out. While it is there, what they say is let through.

    Attributes:
        heard: set when one of them says something.
        watched: whether somebody looks at what is held.
    """

    def __init__(self) -> None:
        self.heard = threading.Event()
        self.watched = False
        self._lock = threading.Lock()
        self._held: deque[tuple[logging.Handler, logging.LogRecord]] = deque(maxlen=_MOST_HELD)
        self._left_out = 0

    def hold(self, handler: logging.Handler, record: logging.LogRecord) -> None:
        """Keep a line for later."""
        with self._lock:
            self._held.append((handler, record))
            self._left_out += 1
        self.heard.set()

    def drop(self) -> None:
        """The broker is away: what is held says nothing more than that."""
        self.heard.clear()
        with self._lock:
            self._held.clear()

    def release(self) -> int:
        """The broker is there: let through what is held; gives how many lines were left out before."""
        self.heard.clear()
        with self._lock:
            held = list(self._held)
            self._held.clear()
            left_out, self._left_out = self._left_out - len(held), 0
        for handler, record in held:
            record.released = True
            handler.handle(record)
        return left_out


clients = Clients()
"""Those of this process."""


class Repeated(logging.Filter):
    """Lets a line of a client through once a minute, and then says how often it had been there.

    Args:
        handler: the handler that it filters for.
        heard: where lines are held while somebody watches.
        clock: seconds; tests set it.
    """

    def __init__(
        self,
        handler: logging.Handler | None = None,
        heard: Clients = clients,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._handler = handler
        self._clients = heard
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: dict[tuple[str, int], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """See logging.Filter."""
        if not record.name.startswith(_CLIENTS) or record.levelno >= logging.CRITICAL:
            return True
        if self._handler is not None and self._clients.watched and not getattr(record, "released", False):
            self._clients.hold(self._handler, record)
            return False
        place, now = (record.pathname, record.lineno), self._clock()
        with self._lock:
            said_at, unsaid = self._seen.get(place, (now - _PAUSE_SECONDS, 0))
            if now - said_at < _PAUSE_SECONDS:
                self._seen[place] = said_at, unsaid + 1
                return False
            self._seen[place] = now, 0
        if record.exc_info:
            # A traceback in a library's code says nothing to whoever runs a worker: its last line does.
            record.msg, record.args = f"{record.getMessage()}: {record.exc_info[1]}", None
            record.exc_info = record.exc_text = None
        if "\n" in (message := record.getMessage()):  # some have it in their words
            lines = message.strip().splitlines()
            record.msg, record.args = f"{lines[0].strip()} … {lines[-1].strip()}", None
        if unsaid:
            record.msg = f"{record.getMessage()} (and {unsaid} more like it in {now - said_at:.0f} s)"
            record.args = None
        return True


def configure(settings: Settings) -> None:
    """Log to standard error, as the settings say."""
    handler = logging.StreamHandler()
    handler.setFormatter(Json() if settings.log_format is LogFormat.JSON else Text())
    handler.addFilter(Repeated(handler))
    logging.basicConfig(level=settings.log_level, handlers=[handler])
    for noisy in _NOISY:
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLogger().level))
    logging.getLogger("kafka.net").setLevel(logging.ERROR)  # its event loop remarks on every pause
