"""`pipeline enrich`: the stages in this process, without a broker."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated

import typer

from pipeline.cli.choices import check_choices
from pipeline.cli.final import held_back
from pipeline.cli.output import EXIT_PROBLEMS, AsJson, print_table, stdout, warn, write_line
from pipeline.cli.present import ShowAll, show_record, title_of
from pipeline.cli.replay import Map, Paths, QualifyIds, Source, mapping
from pipeline.errors import SourceError
from pipeline.flow import FLOW
from pipeline.record import Article, EnrichedArticle
from pipeline.record.codec import encode
from pipeline.settings import Settings
from pipeline.sources import Limits, read_articles
from pipeline.stages.base import Rejection
from pipeline.stages.quotes import Explanation, QuoteStage

_STAGES = ", ".join(step.name for step in FLOW.steps if step.stage)


def enrich(
    paths: Paths,
    *,
    stage: Annotated[
        list[str] | None,
        typer.Option(
            help=f"Only this stage; may be repeated. One of {_STAGES} (quotes finds its speakers among the "
            "entities), or of what other packages add. Default: all."
        ),
    ] = None,
    explain: Annotated[
        bool,
        typer.Option("--explain", help="Say for each possible quote which rule decided, and the runner-up."),
    ] = False,
    stream: Annotated[
        bool,
        typer.Option(
            "--stream",
            help="With --json: print each record at once, with the cluster ids of that moment; without it they are "
            "printed when all is read, with the ids that merged clusters have then.",
        ),
    ] = False,
    everything: ShowAll = False,
    source: Source = None,
    qualify_ids: QualifyIds = False,
    names: Map = None,
    as_json: AsJson = False,
) -> None:
    """Run the stages on articles without a broker, and print what they find.

    With --json, one enriched record a line, in input order, when all is read (--stream: at once). `-` reads JSON
    lines: `id`; `text` alone (the first line is the headline) or `title` with `text` or `body`; optionally `source`,
    `url`, `published_at`, `language`. What can't be read is named on stderr and skipped; the exit code is then 1.
    """
    from pipeline.enricher import Enricher  # noqa: PLC0415 - the stages are slow to import
    from pipeline.stages.registry import installed  # noqa: PLC0415 - see above

    check_choices("--stage", stage or (), installed().names)
    settings = Settings.load()
    enricher = Enricher(settings.spacy_model, window=settings.window, stages=stage)
    problems: list[SourceError] = []
    found = read_articles(
        paths,
        limits=Limits(max_article_bytes=settings.max_article_bytes),
        source=source,
        qualify_ids=qualify_ids,
        names=mapping(names),
    )
    read = _Read(enricher.enrich(_good_ones(found, problems)))
    if as_json and stream:
        for record in read:
            write_line(encode(record))
    elif as_json:
        with held_back(write_line, enricher.cluster_of) as hold:
            for record in read:
                hold(record)
    else:
        explaining = QuoteStage.from_settings(settings) if explain else None
        _show(read, explaining, least_confidence=0.0 if everything else settings.display_confidence)
    if problems or read.rejected:
        raise typer.Exit(EXIT_PROBLEMS)


class _Read:
    """The records of articles; those that were rejected are named and counted."""

    def __init__(self, outcomes: Iterable[tuple[Article, EnrichedArticle | Rejection]]) -> None:
        self._outcomes = outcomes
        self.rejected = 0

    def __iter__(self) -> Iterator[EnrichedArticle]:
        for article, record in self._outcomes:
            if isinstance(record, Rejection):
                self.rejected += 1
                warn(f"{article.article_id}: {record.reason}: {record.detail}")
            else:
                yield record


def _show(
    records: Iterable[EnrichedArticle], explaining: QuoteStage | None, *, least_confidence: float
) -> None:
    titles: dict[str, str] = {}
    for record in records:
        titles[record.article.article_id] = title_of(record)
        show_record(record, titles=titles, least_confidence=least_confidence)
        if explaining:
            _show_explanations(explaining.explain(record))
        stdout.print()


def _good_ones(found: Iterable[Article | SourceError], problems: list[SourceError]) -> Iterator[Article]:
    for item in found:
        if isinstance(item, SourceError):
            problems.append(item)
            warn(str(item))
        else:
            yield item


def _show_explanations(explanations: Iterable[Explanation]) -> None:
    print_table(
        ("at #", "candidate", "decision", "rule", "speaker", "runner-up", "confidence #"),
        (
            (
                item.start,
                item.text,
                item.decision,
                item.rule,
                item.speaker,
                item.runner_up,
                f"{item.confidence:.2f}",
            )
            for item in explanations
        ),
    )
