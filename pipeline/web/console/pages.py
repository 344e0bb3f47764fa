"""The pages: what a person looks at."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from starlette.convertors import Convertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from pipeline.exports.csvtable import CSV
from pipeline.exports.rss import RSS
from pipeline.exports.saying import SAID, unread
from pipeline.record import QuoteKind, Verdict
from pipeline.record.codec import encode
from pipeline.stores.questions import ArticleQuestion, FoundArticle, Page, Place, StatementQuestion
from pipeline.stores.searches import FoundQuote, Searches, related
from pipeline.text.wordings import compared
from pipeline.web.console import exports
from pipeline.web.console.answers import ANSWERS
from pipeline.web.console.article import entities_by_kind, marked_body, marked_headline, statements
from pipeline.web.console.charts import by_day
from pipeline.web.console.desk import Desk
from pipeline.web.console.drawing import page, parts_of, stream_values
from pipeline.web.console.forms import fields
from pipeline.web.console.keeping import keeping
from pipeline.web.console.live import Hub
from pipeline.web.console.parameters import (
    MOST_AT_ONCE,
    ArticleParameters,
    PageParameters,
    RangeParameters,
    StatementParameters,
    cursor_of,
    place_of,
)
from pipeline.web.console.security import COOKIE, is_same, session_of

_EXPORTED = 1000
_COMPARED = 120
_MEMBERS = 200
_WITH_WORDS, _OF_SOMEBODY = 500, 2000  # statements that are counted by day: words take longer to find
_OF_LATE = timedelta(days=7)


async def stream(request: Request) -> Response:
    """The stream as it is now."""
    hub: Hub = request.app.state.hub
    snapshot = await hub.glance()
    return page(request, "stream", **stream_values(snapshot, request.app.state.prefix))


async def live(request: Request) -> Response:
    """The stream as it changes."""
    hub: Hub = request.app.state.hub
    if hub.is_full:
        raise HTTPException(503, "too many look at the stream already")
    prefix = request.app.state.prefix
    return StreamingResponse(
        hub.events(lambda snapshot: parts_of(snapshot, prefix)), media_type="text/event-stream"
    )


async def article(request: Request) -> Response:
    """One article with everything that was found in it, and its story."""
    desk: Desk = request.app.state.desk
    article_id = request.path_params["article_id"]
    record = await desk.article(article_id)
    if record is None:
        raise HTTPException(404, f"{article_id}: no such article is stored")
    story = await desk.ask(lambda searches: searches.cluster_of(article_id, limit=_MEMBERS))
    raw = json.dumps(json.loads(encode(record)), indent=2, ensure_ascii=False)
    return page(
        request,
        "article",
        record=record,
        standing=await desk.standing(article_id),
        headline=marked_headline(record),
        text=marked_body(record),
        unread=unread(record.article),
        statements=statements(record),
        entities=entities_by_kind(record),
        story=story,
        tree=related(story[1]) if story else [],
        raw=raw,
    )


async def raw_article(request: Request) -> Response:
    """One article's record as it was written."""
    record = await request.app.state.desk.article(request.path_params["article_id"])
    if record is None:
        raise HTTPException(404, "no such article is stored")
    return Response(encode(record), media_type="application/json")


async def story(request: Request) -> Response:
    """The articles of a story, and what changed between them."""
    desk: Desk = request.app.state.desk
    identifier = request.path_params["story_id"]
    found = await desk.ask(lambda searches: searches.cluster_of(identifier, limit=_MEMBERS))
    if found is None:
        raise HTTPException(404, f"{identifier}: no such story or article is stored")
    return page(request, "story", story=found, tree=related(found[1]))


async def stories(request: Request) -> Response:
    """The stories that most outlets carry."""
    asked = RangeParameters.read(request.query_params, of_form=True)
    desk: Desk = request.app.state.desk
    since = asked.since
    if since is None and asked.until is None:
        latest = await desk.ask(lambda searches: searches.search_articles(ArticleQuestion(), limit=1))
        since = latest.found[0].time - _OF_LATE if latest.found else None
    found = await desk.ask(
        lambda searches: searches.largest_clusters(since=since, until=asked.until, limit=asked.limit)
    )
    return page(request, "stories", asked=asked, found=found)


async def statement_search(request: Request) -> Response:
    """Who said what."""
    desk: Desk = request.app.state.desk
    asked = StatementParameters.read(request.query_params, of_form=True)
    question = asked.question()

    def ask(searches: Searches, after: Place | None, limit: int) -> Page[FoundQuote]:
        return searches.search_statements(question, after=after, limit=limit)

    if form := request.path_params.get("form"):
        return await _exported(request, form, asked, ask, title="Statements", path="/statements")
    found = await desk.ask(lambda searches: ask(searches, place_of(asked.after), asked.limit))
    chart = None
    if question.speaker or question.about:
        among = _WITH_WORDS if question.about else _OF_SOMEBODY
        counts = await desk.ask(lambda searches: searches.statements_by_day(question, among=among))
        chart = by_day("statements a day, copies counted", counts)
    nearest: list[str] = []
    if question.speaker and not found.found:
        name = question.speaker
        nearest = await desk.ask(lambda searches: searches.nearest_names(name))
    return page(
        request,
        "statements",
        asked=asked,
        found=found,
        chart_of_days=chart,
        nearest=nearest,
        polarity_choices=list(SAID.items()),
        kind_choices=[(kind, kind.value) for kind in QuoteKind],
        keeping=keeping(question),
        **_ways(request, found),
    )


async def article_search(request: Request) -> Response:
    """Articles by what is in them."""
    desk: Desk = request.app.state.desk
    asked = ArticleParameters.read(request.query_params, of_form=True)
    question: ArticleQuestion = asked.question()

    def ask(searches: Searches, after: Place | None, limit: int) -> Page[FoundArticle]:
        return searches.search_articles(question, after=after, limit=limit)

    if form := request.path_params.get("form"):
        return await _exported(request, form, asked, ask, title="Articles", path="/articles")
    found = await desk.ask(lambda searches: ask(searches, place_of(asked.after), asked.limit))
    nearest: list[str] = []
    if question.naming and not found.found:
        name = question.naming
        nearest = await desk.ask(lambda searches: searches.nearest_names(name))
    return page(
        request,
        "articles",
        asked=asked,
        found=found,
        nearest=nearest,
        verdict_choices=[(verdict, verdict.value) for verdict in Verdict],
        keeping=keeping(question),
        **_ways(request, found),
    )


async def person(request: Request) -> Response:
    """What somebody said over time, beside whom, in which wordings, under which names."""
    desk: Desk = request.app.state.desk
    name = request.query_params.get("name", "").strip()
    if not name:
        return RedirectResponse("/statements", 303)
    asked = StatementParameters.read(request.query_params.__class__({"speaker": name}))
    question: StatementQuestion = asked.question()
    found = await desk.ask(lambda searches: searches.search_statements(question, limit=_COMPARED))
    counts = await desk.ask(lambda searches: searches.statements_by_day(question))
    beside = await desk.ask(lambda searches: searches.quoted_beside(name))
    aliases = await desk.ask(lambda searches: searches.aliases_of(name, limit=40))
    wordings = await desk.in_thread(lambda: compared([(one.text, one) for one in reversed(found.found)]))
    return page(
        request,
        "person",
        name=name,
        found=found,
        chart_of_days=by_day("statements a day, copies counted", counts),
        beside=beside,
        aliases=aliases,
        wordings=wordings,
    )


async def login(request: Request) -> Response:
    """The token is given once, and a session kept in its place."""
    token: str | None = request.app.state.token
    if token is None:
        return RedirectResponse("/", 303)
    if request.method != "POST":
        return page(request, "login", wrong=False)
    given = dict(await fields(request))
    if not is_same(given.get("token", ""), token):
        return page(request, "login", 403, wrong=True)
    answer = RedirectResponse("/", 303)
    answer.set_cookie(
        COOKIE, session_of(token), httponly=True, samesite="strict", secure=request.url.scheme == "https"
    )
    return answer


async def about_api(request: Request) -> Response:
    """What programs may ask."""
    return page(request, "api", answers=ANSWERS)


def _ways(request: Request, found: Page[Any]) -> dict[str, Any]:
    """The same question in other forms, and the next page of it."""
    asked = [(key, value) for key, value in request.query_params.multi_items() if value and key != "after"]
    after = cursor_of(found.after)
    return {"pairs": asked, "next_pairs": [*asked, ("after", after)] if after else None}


async def _exported(
    request: Request, form: str, asked: PageParameters, ask: Any, *, title: str, path: str
) -> Response:
    """Up to 1,000 of what a search finds, as a table, a feed, or JSON."""
    desk: Desk = request.app.state.desk
    most = asked.limit if form == "rss" else _EXPORTED
    found: list[Any] = []
    after = place_of(asked.after)
    while len(found) < most:
        begin, limit = after, min(MOST_AT_ONCE, most - len(found))
        some = await desk.ask(lambda searches, begin=begin, limit=limit: ask(searches, begin, limit))  # type: ignore[misc]
        found += some.found
        after = some.after
        if after is None:
            break
    if form == "csv":
        name = f'attachment; filename="{title.lower()}.csv"'
        return Response(
            exports.as_csv(found), media_type=CSV.media_type, headers={"Content-Disposition": name}
        )
    base = str(request.base_url)
    if form == "rss":
        link = f"{base.rstrip('/')}{path}?{request.url.query}"
        said = ", ".join(f"{key} {value}" for key, value in request.query_params.multi_items() if value)
        feed = exports.as_rss(found, title=f"{title}: {said}" if said else title, link=link, base=base)
        return Response(feed, media_type=RSS.media_type)
    answer = next(one for one in ANSWERS if one.path == f"/api/v1{path}")
    return JSONResponse(answer.dumped({"found": found, "next": cursor_of(after)}))


class _Form(Convertor[str]):
    """The forms in which a search can be had."""

    regex = "csv|json|rss"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("form", _Form())

PAGES = (
    Route("/", stream),
    Route("/live", live),
    Route("/login", login, methods=["GET", "POST"]),
    Route("/statements", statement_search),
    Route("/articles", article_search),
    Route("/statements.{form:form}", statement_search),
    Route("/articles.{form:form}", article_search),
    Route("/articles/{article_id:path}/record.json", raw_article),
    Route("/articles/{article_id:path}", article),
    Route("/stories", stories),
    Route("/stories/{story_id:path}", story),
    Route("/person", person),
    Route("/api", about_api),
)
