"""Templates: escaped whatever is in them, and strict about what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from pipeline import __version__
from pipeline.exports.saying import SAID
from pipeline.record import Polarity
from pipeline.text.changes import changes
from pipeline.web.console.article import visible
from pipeline.web.console.charts import by_hour
from pipeline.web.console.flowmap import flow_map, letters_line
from pipeline.web.console.live import HOURS, Snapshot

_PARTS = ("flow", "letters", "newest", "charts", "alerts")


def page(request: Request, template: str, code: int = 200, /, **values: Any) -> Response:
    """A page from its template."""
    has_token = request.app.state.token is not None
    values |= {"path": request.url.path, "has_token": has_token}
    return HTMLResponse(rendered(template, **values), code)


def rendered(template: str, **values: Any) -> str:
    """A template filled in."""
    return _environment().get_template(f"{template}.html").render(values)


def parts_of(snapshot: Snapshot, prefix: str) -> Mapping[str, str]:
    """The parts of the pages that change, as they are told to whoever looks."""
    values = stream_values(snapshot, prefix)
    return {name: rendered(f"parts/{name}", **values) for name in _PARTS}


def stream_values(snapshot: Snapshot, prefix: str) -> dict[str, Any]:
    """What the stream page is drawn from."""
    drawn = flow_map(prefix=prefix)
    reading = snapshot.reading
    return {
        "drawn": drawn,
        "letters_line": letters_line(drawn),
        "stages": {one.stage: one for one in reading.stages} if reading else {},
        "latency": reading.latency if reading else None,
        "problems": [
            problem for problem in ((reading.problem if reading else None), snapshot.problem) if problem
        ],
        "letters": snapshot.letters,
        "newest": snapshot.newest,
        "alerts": snapshot.alerts,
        "charts": [
            chart
            for of in ("language", "source")
            if (chart := by_hour(snapshot.hourly, of, hours=HOURS)) is not None
        ],
    }


def article_url(article_id: str) -> str:
    """The page of an article."""
    return f"/articles/{quote(article_id, safe='')}"


def web_url(url: str | None) -> str | None:
    """A link that may be followed: to a web page, and nothing that would run here."""
    return url if url and url.lower().startswith(("http://", "https://")) else None


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("pipeline.web.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "time": _time,
        "seconds": _seconds,
        "visible": visible,
        "article_url": article_url,
        "story_url": lambda one: f"/stories/{quote(one, safe='')}",
        "letter_url": lambda one: f"/dead-letters/{quote(one, safe='')}",
        "person_url": lambda name: "/person?" + urlencode({"name": name}),
        "web_url": web_url,
        "said": lambda polarity: SAID[Polarity(polarity)],
    }
    environment.globals |= {
        "version": __version__,
        "query": urlencode,
        "changes": changes,
    }
    return environment


def _time(value: datetime) -> str:
    return f"{value:%Y-%m-%d %H:%M}"


def _seconds(value: float) -> str:
    if value < 1:
        return f"{value * 1000:.0f} ms"
    return f"{value:.1f} s" if value < 100 else f"{value / 60:.0f} min"  # noqa: PLR2004 - what reads well
