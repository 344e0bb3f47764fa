"""What answered the standing questions, as a page and as a feed."""

from __future__ import annotations

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pipeline.exports.rss import RSS, Item, feed_parts
from pipeline.exports.saying import sentence
from pipeline.record import Alert
from pipeline.web.console.desk import Desk
from pipeline.web.console.drawing import article_url, page
from pipeline.web.console.live import LATEST_ALERTS
from pipeline.web.console.parameters import MOST_AT_ONCE, Paged, cursor_of, place_of


class AlertParameters(Paged):
    """Which alerts are meant."""

    question: str | None = Field(default=None, max_length=60, description="the id of a standing question")
    limit: int = Field(default=LATEST_ALERTS, ge=1, le=MOST_AT_ONCE, description="how many at once")


async def alerts(request: Request) -> Response:
    """The latest first; of one question, or of all."""
    desk: Desk = request.app.state.desk
    asked = AlertParameters.read(request.query_params, of_form=True)
    found = await desk.alerts(question=asked.question, after=place_of(asked.after), limit=asked.limit)
    pairs = [("question", asked.question)] if asked.question else []
    if request.url.path.endswith(".rss"):
        base = str(request.base_url).rstrip("/")
        items = (_item(alert, base) for alert in found.found)
        title = f"Alerts: {asked.question}" if asked.question else "Alerts"
        return Response(
            "".join(feed_parts(items, title=title, link=f"{base}/alerts")), media_type=RSS.media_type
        )
    after = cursor_of(found.after)
    next_pairs = [*pairs, ("after", after)] if after else None
    questions = await desk.questions()
    return page(
        request,
        "alerts",
        asked=asked,
        alerts=found.found,
        pairs=pairs,
        next_pairs=next_pairs,
        live=asked == AlertParameters(),
        questions=questions[:MOST_AT_ONCE],
        unlisted=max(0, len(questions) - MOST_AT_ONCE),
    )


def _item(alert: Alert, base: str) -> Item:
    said = "; ".join(sentence(one.speaker, one.polarity, one.text) for one in alert.statements)
    about = said or alert.passage or ", ".join(alert.names) or alert.source
    return Item(
        title=f"{alert.title}: {alert.headline or alert.article_id}",
        about=about,
        key=f"urn:news-pipeline:alert:{alert.alert_id}",
        time=alert.at,
        link=f"{base}{article_url(alert.article_id)}",
    )


ALERTS = (Route("/alerts", alerts), Route("/alerts.rss", alerts))
