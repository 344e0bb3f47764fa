"""What is told of an article that answers a question: enough to decide whether to read it."""

from __future__ import annotations

from datetime import datetime

from pipeline.questions.matcher import Match, Matcher
from pipeline.record import Alert, EnrichedArticle, Said, effective_time

_STATEMENTS = 5
_NAMES = 20
_LONGEST = 500  # characters of a statement or a headline: an alert is a small message
_LONGEST_NAME = 200
_LONGEST_URL = 2000
_BEFORE, _AFTER = 100, 200  # characters of a passage around its place


def alert_of(matcher: Matcher, match: Match, record: EnrichedArticle, now: datetime) -> Alert:
    """The alert of what the matcher found, without an id: the store gives it one."""
    article = record.article
    place = None if match.quotes else matcher.place(match, record)  # statements speak for themselves
    url = article.url
    return Alert(
        alert_id="",
        question=match.question.id,
        title=match.question.title,
        story=record.duplicate.cluster_id,
        article_id=article.article_id,
        source=article.source[:_LONGEST_NAME],
        url=url if url and len(url) <= _LONGEST_URL else None,
        headline=article.title and article.title[:_LONGEST],
        time=effective_time(article),
        at=now,
        names=tuple(name[:_LONGEST_NAME] for name in match.names[:_NAMES]),
        passage=None if place is None else passage(article.text, place),
        statements=tuple(
            Said(
                text=quote.text[:_LONGEST],
                speaker=quote.speaker and quote.speaker.name[:_LONGEST_NAME],
                polarity=quote.polarity,
            )
            for quote in (record.quotes[number] for number in match.quotes[:_STATEMENTS])
        ),
    )


def passage(text: str, place: int) -> str:
    """What stands around a place in its paragraph, whole words, with an ellipsis where more follows."""
    first, last = text.rfind("\n", 0, place) + 1, text.find("\n", place)
    last = len(text) if last < 0 else last
    start, end = max(first, place - _BEFORE), min(last, place + _AFTER)
    if start > first:
        start = text.find(" ", start - 1, place) + 1 or start
    if end < last:
        blank = text.rfind(" ", place, end + 1)
        end = blank if blank > place else end
    return f"{'… ' if start > first else ''}{text[start:end].strip()}{' …' if end < last else ''}"
