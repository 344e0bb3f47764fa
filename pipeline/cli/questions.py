"""`pipeline questions`: searches that are kept."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from itertools import islice
from typing import Annotated
from urllib.parse import urlsplit

import typer

from pipeline.cli.metrics_port import serve_metrics
from pipeline.cli.output import AsJson, print_json, print_table, say, warn
from pipeline.cli.times import FORMS, moment
from pipeline.errors import SettingsError, TransientError, UsageError
from pipeline.execution.signals import on_stop
from pipeline.questions.matcher import Matcher
from pipeline.questions.question import Question, question_of
from pipeline.record import Polarity, Verdict
from pipeline.settings import Settings, variable
from pipeline.stores.base import Store, configured_store, standing_of
from pipeline.stores.questions import ArticleQuestion
from pipeline.stores.records import stored_records
from pipeline.stores.standing import Undelivered
from pipeline.webhooks import Deliverer

app = typer.Typer(
    help="Standing questions: searches that every article is compared with as it comes.", no_args_is_help=True
)

_Id = Annotated[str, typer.Argument(metavar="ID", help="Small letters, digits and hyphens.")]
_Names = list[str] | None


@app.command()
def add(
    question_id: _Id,
    *,
    title: Annotated[str | None, typer.Option(help="What alerts call it; the id by default.")] = None,
    name: Annotated[_Names, typer.Option(help="Who or what is named; all of them, if repeated.")] = None,
    words: Annotated[str | None, typer.Option(help='Words and "phrases", all of which occur.')] = None,
    speaker: Annotated[_Names, typer.Option(help="Who says it; any of them, if repeated.")] = None,
    polarity: Annotated[
        list[Polarity] | None, typer.Option(help="What is asserted, denied, doubted …; may be repeated.")
    ] = None,
    outlet: Annotated[_Names, typer.Option(help="Of this outlet; may be repeated.")] = None,
    country: Annotated[
        _Names, typer.Option(metavar="CODE", help="Naming a place there (GB); may be repeated.")
    ] = None,
    language: Annotated[_Names, typer.Option(metavar="CODE", help="In it (en); may be repeated.")] = None,
    webhook: Annotated[
        str | None, typer.Option(metavar="URL", help="Where `pipeline questions deliver` sends its alerts.")
    ] = None,
    every_copy: Annotated[
        bool, typer.Option("--every-copy", help="Tell every article, and not each story once.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Add a question, or change the one of this id. A worker that runs asks it within seconds."""
    question = question_of(
        {
            "id": question_id,
            "title": title or question_id,
            "names": tuple(name or ()),
            "words": words,
            "speakers": tuple(speaker or ()),
            "polarity": tuple(polarity or ()),
            "outlet": tuple(outlet or ()),
            "country": tuple(country or ()),
            "language": tuple(language or ()),
            "every_copy": every_copy,
            "webhook": webhook,
        }
    )
    settings = Settings.load()
    with closing(configured_store(settings)) as store:
        kept = standing_of(store).questions
        store.upgrade()
        new = kept.put(question)
        answers, of = _tried(store, question, settings)
    if as_json:
        print_json({"added": new, "question": _written(question), "answers": answers, "of_latest": of})
        return
    say(f"question {question_id} is {'added' if new else 'changed'}")
    if of:
        say(f"of the latest {of} stored articles {answers} answer: pipeline questions test {question_id}")
    if of == _TRIED and answers > _MANY * of:
        warn("it answers more than half of all articles: each story of them will be an alert")


_TRIED = 200
_MANY = 0.5


def _tried(store: Store, question: Question, settings: Settings) -> tuple[int, int]:
    """How many of how many articles that were stored last answer."""
    matcher = Matcher([question], least_confidence=settings.display_confidence)
    latest = islice(stored_records(store, ArticleQuestion(verdicts=_WITH_FINDINGS)), _TRIED)
    answers = [bool(matcher.matches(record)) for record in latest]
    return sum(answers), len(answers)


@app.command("list")
def list_questions(*, as_json: AsJson = False) -> None:
    """List the questions; those that this version of the program can't read are named below."""
    with closing(configured_store(Settings.load(), read_only=True)) as store:
        questions, problems = standing_of(store).questions.all()
    if as_json:
        print_json([_written(question) for question in questions])
    else:
        print_table(
            ("id", "title", "asks for", "told", "webhook"),
            (
                (
                    one.id,
                    one.title,
                    one.asks_for,
                    "every copy" if one.every_copy else "once a story",
                    one.webhook and urlsplit(one.webhook).hostname,  # the rest of an address may be a secret
                )
                for one in questions
            ),
            title=None if questions else "no question is kept",
        )
    for problem in problems:
        say(f"is not asked: {problem}")


@app.command("test")
def compare_with_stored(
    question_id: Annotated[str | None, typer.Argument(metavar="[ID]", help="Only this question.")] = None,
    *,
    since: Annotated[
        datetime | None,
        typer.Option(parser=moment, metavar="TIME", help=f"Published at or after this time (UTC): {FORMS}."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most so many articles shown.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Say which stored articles answer the questions, the latest first; nothing is told.

    Exact copies, which have no findings of their own, are left out.
    """
    settings = Settings.load()
    with closing(configured_store(settings, read_only=True)) as store:
        questions = [
            one for one in standing_of(store).questions.all().questions if question_id in (None, one.id)
        ]
        if not questions:
            raise _unknown(question_id)
        matcher = Matcher(questions, least_confidence=settings.display_confidence)
        found = []
        for record in stored_records(store, ArticleQuestion(since=since, verdicts=_WITH_FINDINGS)):
            found += [(match, record.article) for match in matcher.matches(record)]
            if len(found) >= limit:
                break
    if as_json:
        print_json(
            [
                {"question": match.question.id, "article_id": article.article_id, "names": match.names}
                for match, article in found[:limit]
            ]
        )
        return
    print_table(
        ("question", "headline", "source", "names", "article"),
        (
            (match.question.id, article.title, article.source, ", ".join(match.names), article.article_id)
            for match, article in found[:limit]
        ),
        title=None if found else "no stored article answers",
    )


@app.command()
def deliver(
    *,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="First make due again what was given up.")
    ] = False,
    failed: Annotated[
        bool, typer.Option("--failed", help="Only list what was given up, and why; send nothing.")
    ] = False,
    once: Annotated[
        bool, typer.Option("--once", help="Send what is due and end, instead of going on until SIGTERM.")
    ] = False,
    metrics_port: Annotated[
        int | None, typer.Option(min=0, max=65_535, help="Serve metrics there; 0: any free port.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Send alerts to the webhooks of their questions: signed, and again for about a day where that fails."""
    settings = Settings.load()
    if settings.webhook_secret is None and not failed:
        raise SettingsError(f"{variable('webhook_secret')} is not set: webhooks are told nothing unsigned")
    with ExitStack() as open_things:
        store = open_things.enter_context(closing(configured_store(settings, read_only=failed)))
        kept = standing_of(store).alerts
        if failed or settings.webhook_secret is None:
            _show(kept.undelivered(_FAILED_SHOWN), as_json=as_json)
            return
        if retry_failed:
            say(f"{kept.retry(datetime.now(UTC))} alerts are due again")
        serve_metrics(open_things, settings, metrics_port, as_json=as_json)
        _deliver(Deliverer(kept, settings.webhook_secret.get_secret_value().encode()), once=once)


def _show(undelivered: Sequence[Undelivered], *, as_json: bool) -> None:
    if as_json:
        print_json(
            [
                {
                    "alert": one.alert.model_dump(mode="json"),
                    "webhook": one.webhook,
                    "attempts": one.attempts,
                    "problem": one.problem,
                }
                for one in undelivered
            ]
        )
        return
    print_table(
        ("at", "question", "webhook", "attempts #", "problem"),
        (
            (f"{one.alert.at:%Y-%m-%d %H:%M}", one.alert.question, one.webhook, one.attempts, one.problem)
            for one in undelivered
        ),
        title=None if undelivered else "nothing was given up",
    )


def _deliver(deliverer: Deliverer, *, once: bool) -> None:
    """Until SIGTERM; a store that is away is asked again."""
    stop = threading.Event()
    on_stop(stop.set)
    while not stop.is_set():
        try:
            deliverer.run(stop, once=once)
        except TransientError as error:
            if once:
                raise
            warn(f"{error}; tried again in {_AWAY_SECONDS:.0f} s")
            stop.wait(_AWAY_SECONDS)
        else:
            break


_FAILED_SHOWN = 100
_AWAY_SECONDS = 5.0


@app.command()
def remove(question_id: _Id, *, as_json: AsJson = False) -> None:
    """Remove a question with its alerts."""
    with closing(configured_store(Settings.load())) as store:
        if not standing_of(store).questions.remove(question_id):
            raise _unknown(question_id)
    if as_json:
        print_json({"removed": question_id})
    else:
        say(f"question {question_id} is removed, with its alerts")


_WITH_FINDINGS = tuple(verdict.value for verdict in Verdict if verdict is not Verdict.EXACT)


def _unknown(question_id: str | None) -> UsageError:
    if question_id is None:
        return UsageError("no question is kept: `pipeline questions add` adds one")
    return UsageError(f"no question {question_id}: `pipeline questions list` shows those that there are")


def _written(question: Question) -> dict[str, object]:
    return question.model_dump(mode="json", exclude_defaults=True)
