"""`pipeline replay`: files onto news.raw."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from pipeline import __version__
from pipeline.cli.output import EXIT_PROBLEMS, AsJson, fail, print_json, say, warn
from pipeline.cli.replaying.keeping import Keeper, fingerprint, noted
from pipeline.cli.replaying.meter import Meter, metered
from pipeline.cli.replaying.pacing import Found, as_published, between, is_article
from pipeline.cli.replaying.resuming import Bounds, Note, Options
from pipeline.cli.replaying.rounds import Place, Rounds
from pipeline.cli.replaying.shuffling import Shuffled
from pipeline.cli.replaying.ways import LoopingCommand, Way
from pipeline.cli.sending import Tally, publisher
from pipeline.cli.times import FORMS, Typed, typed
from pipeline.errors import UsageError
from pipeline.execution.signals import terminated_like_interrupted
from pipeline.kafka.pacing import paced
from pipeline.kafka.publisher import ArticleProducer
from pipeline.record import Article
from pipeline.settings import Settings, variable
from pipeline.sources import Limits, read_articles, total_bytes
from pipeline.sources.problems import Reason
from pipeline.sources.records import FIELDS

Paths = Annotated[
    list[str],
    typer.Argument(
        metavar="PATH...",
        help="Files (text, Markdown, JSON, CSV, HTML, feeds, NITF, NewsML, mail; each also .gz), folders, or - for "
        "JSON lines on standard input.",
    ),
]
Source = Annotated[str | None, typer.Option(help="The source of articles that name none.")]
QualifyIds = Annotated[
    bool,
    typer.Option("--qualify-ids", help="Make ids that are given SOURCE/ID: other sources may give the same."),
]
Map = Annotated[
    list[str] | None,
    typer.Option(
        "--map", metavar="THEIRS=OURS", help="Take a field of the records for one of ours; may be repeated."
    ),
]


_SHOWN_LOST = 5
_LAST_SECONDS = 5.0  # for what is under way when it is interrupted

Command = LoopingCommand
"""What it is parsed with."""


def mapping(pairs: list[str] | None) -> dict[str, str]:
    """Their names of fields to ours. Raises UsageError: a pair is none, or there is no such field."""
    names: dict[str, str] = {}
    for pair in pairs or ():
        theirs, _, ours = pair.partition("=")
        if not theirs or ours not in FIELDS:
            raise UsageError(f"--map {pair}: give THEIRS=OURS, where OURS is one of {', '.join(FIELDS)}")
        names[theirs] = ours
    return names


def replay(
    paths: Paths,
    *,
    rate: Annotated[float | None, typer.Option(min=0.001, help="At most so many articles a second.")] = None,
    speed: Annotated[
        float | None,
        typer.Option(
            min=0.001,
            help="With the pauses between their dates, so many times as fast: 60 is a day in 24 min.",
        ),
    ] = None,
    since: Annotated[
        Typed | None,
        typer.Option(
            parser=typed, metavar="TIME", help=f"Only what was published at or after this: {FORMS}."
        ),
    ] = None,
    until: Annotated[
        Typed | None,
        typer.Option(parser=typed, metavar="TIME", help="Only what was published before this."),
    ] = None,
    loop: Annotated[
        int | None,
        typer.Option(
            min=0,
            metavar="[N]",
            help="Again and again, N times or until Ctrl-C; from the second round on with ids of their own, ID@2.",
        ),
    ] = None,
    shuffle: Annotated[
        bool, typer.Option("--shuffle", help="In an order that --seed draws, the same each time.")
    ] = False,
    seed: Annotated[
        int | None, typer.Option(help="Of --shuffle: another number is another order.  [default: 0]")
    ] = None,
    resume: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Note in FILE how far it has come; the same command again goes on from there.",
        ),
    ] = None,
    names: Map = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read and check everything, send nothing.")
    ] = False,
    source: Source = None,
    qualify_ids: QualifyIds = False,
    as_json: AsJson = False,
) -> None:
    """Stream articles from files onto the raw topic.

    What can't become an article is named on stderr and skipped; the exit code is then 1. The same file replayed
    gives the same articles again, which changes nothing in the store.
    """
    settings = Settings.load()
    way = Way(rate=rate, speed=speed, loop=loop, shuffle=shuffle, seed=seed, resume=resume, dry_run=dry_run)
    size = total_bytes(paths)
    way.check(readable_again=size is not None)
    fields = mapping(names)
    started = time.monotonic()
    note = Note(
        options=_options(
            settings, way, since=since, until=until, names=fields, source=source, qualify_ids=qualify_ids
        ),
        files=fingerprint(paths) if resume else "",
        bounds=Bounds(since.at if since else None, until.at if until else None),
    )
    if resume:
        note = noted(resume, paths, note)
    tally = Tally()
    with terminated_like_interrupted(), ExitStack() as stack:
        meter = stack.enter_context(
            metered("reading" if dry_run else "replaying", _bytes_left(size, way, note.place))
        )

        def read(_: int) -> Iterator[Found]:
            found = read_articles(
                paths,
                limits=Limits(max_article_bytes=settings.max_article_bytes),
                source=source,
                qualify_ids=qualify_ids,
                names=fields,
                progress=meter.read,
            )
            return between(found, note.bounds.since, note.bounds.until)

        ordered = stack.enter_context(_shuffled(read, way, note.place, meter)) if shuffle else read
        sequence = Rounds(ordered, times=way.rounds, moves=way.moves, begin=note.place)
        if dry_run:
            tally.feed(sequence, lambda _: meter.sent())
        else:
            try:
                _send(settings, way, note, sequence, meter=meter, tally=tally)
            except KeyboardInterrupt:
                if way.rounds is not None:
                    raise  # before its end
    seconds = time.monotonic() - started
    _tell(tally, note, sequence, seconds, way, as_json=as_json)


def _options(
    settings: Settings,
    way: Way,
    *,
    since: Typed | None,
    until: Typed | None,
    names: dict[str, str],
    source: str | None,
    qualify_ids: bool,
) -> Options:
    """Whatever decides which articles are sent, in which order, and where to. How fast does not."""
    return {
        "version of the program": __version__,
        variable("bootstrap_servers"): ",".join(settings.bootstrap_servers),
        variable("topic_prefix"): settings.topic_prefix,
        variable("max_article_bytes"): settings.max_article_bytes,
        "--since": since.text if since else None,
        "--until": until.text if until else None,
        "--loop": way.loop,
        "--speed (given or not)": way.moves,
        "--shuffle": way.shuffle,
        "--seed": way.seed or 0,
        "--map": ", ".join(f"{theirs}={ours}" for theirs, ours in sorted(names.items())),
        "--source": source,
        "--qualify-ids": qualify_ids,
    }


def _bytes_left(size: int | None, way: Way, begin: Place) -> int | None:
    """How much will be read; None where that is open. What is shuffled is read once."""
    if size is None or way.shuffle:
        return size
    return None if way.rounds is None else size * (way.rounds - begin.round + 1)


def _shuffled(read: Callable[[int], Iterable[Found]], way: Way, begin: Place, meter: Meter) -> Shuffled:
    def known(articles: int) -> None:
        meter.known(None if way.rounds is None else articles * way.rounds - begin.total)

    return Shuffled(read, way.seed or 0, on_read=known)


def _send(settings: Settings, way: Way, note: Note, sequence: Rounds, *, meter: Meter, tally: Tally) -> None:
    """Send it all, until the broker has it.

    Raises:
        KeyboardInterrupt: it was interrupted.
    """
    with ExitStack() as stack:
        sending = stack.enter_context(publisher(settings))
        keeper = None
        if way.resume:
            keeper = stack.enter_context(Keeper(way.resume, note, lambda: sending.acknowledged, warn))
        producer = ArticleProducer(settings, sending)

        def send(article: Article) -> None:
            producer.send(article)
            if keeper:
                keeper.sent(sequence.place)
            meter.sent()

        stack.callback(tally.close, sending)
        try:
            tally.feed(as_published(paced(sequence, way.rate, counts=is_article), way.speed), send)
            sending.flush()
            if keeper:
                keeper.complete = sending.acknowledged == tally.sent
        except KeyboardInterrupt:
            sending.flush(_LAST_SECONDS)
            if way.rounds is None:
                raise
            unknown = f", {sending.under_way} perhaps" if sending.under_way else ""
            then = "goes on behind them" if keeper else "sends the rest too, and changes nothing of these"
            say(f"interrupted: {sending.accepted} articles were accepted{unknown}; the same command {then}")
            raise


def _tell(tally: Tally, note: Note, sequence: Rounds, seconds: float, way: Way, *, as_json: bool) -> None:
    """Say what became of it. Raises Exit: there were problems."""
    for entry in tally.lost[:_SHOWN_LOST]:
        fail(f"{entry.key.decode(errors='replace')}: the broker did not take it: {entry.error}")
    unread_dates = tally.skipped.pop(Reason.BAD_DATE, 0)
    skipped = tally.skipped.total()
    summary = {
        "read": tally.sent,
        "accepted": tally.accepted,
        "lost": len(tally.lost),
        "skipped": skipped,
        "skipped_by_reason": {str(reason): count for reason, count in tally.skipped.items()},
        "unread_dates": unread_dates,
        "resumed_at": note.place.total if way.resume else None,
        "rounds": sequence.completed,
        "seconds": round(seconds, 3),
        "articles_per_second": round(tally.sent / seconds, 1),
        "dry_run": way.dry_run,
    }
    if as_json:
        print_json(summary)
    else:
        what = (
            f"{tally.sent} articles read (dry run)"
            if way.dry_run
            else f"{tally.accepted} of {tally.sent} articles accepted"
        )
        before = f", behind the {note.place.total} of before" if note.place.total else ""
        rounds = f", {sequence.completed} rounds" if way.loop is not None else ""
        dates = f", {unread_dates} without the date that they give" if unread_dates else ""
        say(
            f"{what}{before}{rounds}{dates}, {skipped} skipped, in {seconds:.1f} s "
            f"({summary['articles_per_second']}/s)"
        )
    if tally.lost or skipped or unread_dates or (not way.dry_run and tally.accepted < tally.sent):
        raise typer.Exit(EXIT_PROBLEMS)
