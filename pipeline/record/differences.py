"""What two records of one article differ in: names, statements, who made them, and whether they stand behind them."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from pipeline.record.envelope import EnrichedArticle
from pipeline.record.findings import Quote


class Kind(StrEnum):
    """In what two records differ, in the order in which it is told."""

    NAME_NEW = "names that are new"
    NAME_GONE = "names that are gone"
    STATEMENT_NEW = "statements that are new"
    STATEMENT_GONE = "statements that are gone"
    SPEAKER = "speakers that change"
    POLARITY = "polarities that change"
    ANNOTATION = "annotations that change"


class Difference(NamedTuple):
    """One of them.

    Attributes:
        kind: in what.
        article_id: of which article.
        before: what the record said, "" where it said nothing.
        after: what it says now.
        about: the words of a statement, for a change of its speaker or its polarity.
    """

    kind: Kind
    article_id: str
    before: str
    after: str
    about: str = ""


def differences(before: EnrichedArticle, after: EnrichedArticle) -> Iterator[Difference]:
    """What an editor would see of a record that is put in place of another one of the same text.

    Statements are the same when they have the same words at the same place. Offsets of mentions, confidences and the
    version that made the record are left out.
    """
    article_id = before.article.article_id
    names, names_now = (
        dict.fromkeys(f"{entity.name} ({entity.type})" for entity in one.entities) for one in (before, after)
    )
    yield from (Difference(Kind.NAME_NEW, article_id, "", name) for name in names_now if name not in names)
    yield from (Difference(Kind.NAME_GONE, article_id, name, "") for name in names if name not in names_now)
    quotes, quotes_now = ({(one.start, one.end): one for one in record.quotes} for record in (before, after))
    for place, now in quotes_now.items():
        was = quotes.get(place)
        if was is None:
            yield Difference(Kind.STATEMENT_NEW, article_id, "", _stated(now))
            continue
        if (speakers := _speakers(was)) != (speakers_now := _speakers(now)):
            yield Difference(Kind.SPEAKER, article_id, speakers, speakers_now, now.text)
        if was.polarity is not now.polarity:
            yield Difference(Kind.POLARITY, article_id, was.polarity.value, now.polarity.value, now.text)
    for place, was in quotes.items():
        if place not in quotes_now:
            yield Difference(Kind.STATEMENT_GONE, article_id, _stated(was), "")
    for stage in sorted(before.annotations.keys() | after.annotations.keys()):
        found, found_now = before.annotations.get(stage), after.annotations.get(stage)
        if found != found_now:
            yield Difference(Kind.ANNOTATION, article_id, str(found), str(found_now), stage)


def _speakers(quote: Quote) -> str:
    return ", ".join(speaker.name for speaker in quote.said_by)


def _stated(quote: Quote) -> str:
    return f"{_speakers(quote) or '-'}: {quote.text}"
