"""The newsroom's questions to a store, and what it answers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pipeline.stores.questions import (
    ArticleQuestion,
    FoundArticle,
    HourlyArticles,
    Page,
    Place,
    StatementQuestion,
)


@dataclass(frozen=True, slots=True)
class FoundQuote:
    """A statement, from the first article that has it, with the number of articles that do.

    `text` holds all of its pieces, with ` … ` between them; `context` is what was found with what stands around it in
    its paragraph; `statement` tells statements of one article apart. `copies` articles of `outlets` sources carry it.
    """

    text: str
    kind: str
    speaker: str | None
    confidence: float
    context: str
    time: datetime
    copies: int
    article_id: str
    source: str
    title: str | None
    url: str | None
    polarity: str = "asserted"
    statement: str | None = None
    outlets: int = 1


@dataclass(frozen=True, slots=True)
class NamingArticle:
    """An article that names what was asked for: under which names, and how often in all."""

    article_id: str
    time: datetime
    source: str
    title: str | None
    url: str | None
    verdict: str
    cluster_id: str
    names: tuple[str, ...]
    mentions: int


@dataclass(frozen=True, slots=True)
class TopEntity:
    """An entity over all articles, under the name most of them give it."""

    key: str
    name: str
    type: str
    country: str | None
    articles: int
    mentions: int


@dataclass(frozen=True, slots=True)
class Alias:
    """A short or other form of a name, and what it stands for.

    `articles` counts those that call the entity so, `of` all in which the form stands for something else than itself.
    `standing` says what the searches make of it: `same` and `apart` are what somebody said, `learned` is nearly always
    right and followed, `sometimes` is not followed from the full name to the short one.
    """

    alias: str
    name: str
    type: str
    articles: int
    of: int
    standing: str


@dataclass(frozen=True, slots=True)
class CuratedAlias:
    """What somebody says of an alias: that it stands for the entity called `name`, or that it does not.

    `type` is an OntoNotes label.
    """

    alias: str
    name: str
    type: str
    is_same: bool = True


@dataclass(frozen=True, slots=True)
class Cluster:
    """A story with its copies. `title` and `source` are those of the canonical member.

    `members` counts the articles in the time range that was asked for.
    """

    cluster_id: str
    members: int
    sources: int
    first: datetime
    last: datetime
    canonical: str
    title: str | None
    source: str


@dataclass(frozen=True, slots=True)
class Member:
    """An article of a cluster. `duplicate_of`, `relation`, `jaccard` and `containment` are what it was matched by."""

    article_id: str
    time: datetime
    source: str
    title: str | None
    url: str | None
    verdict: str
    duplicate_of: str | None
    relation: str | None
    jaccard: float | None
    containment: float | None
    text: str
    canonical: bool


def related(members: Sequence[Member]) -> list[tuple[Member, int]]:
    """The articles of a story as a tree: below each what was matched to it, with its depth; in the given order else.

    An article whose match is not among them begins a tree of its own.
    """
    known = {member.article_id for member in members}
    below: dict[str | None, list[Member]] = {}
    for member in members:
        above = member.duplicate_of if member.duplicate_of in known - {member.article_id} else None
        below.setdefault(above, []).append(member)
    tree: list[tuple[Member, int]] = []
    waiting = [(member, 0) for member in reversed(below.get(None, []))]
    while waiting:
        member, depth = waiting.pop()
        tree.append((member, depth))
        waiting += [(one, depth + 1) for one in reversed(below.pop(member.article_id, []))]
    return tree


class Searches(Protocol):
    """The newsroom's questions. Times are those of publication: `since` the earliest, `until` the one before which."""

    def search_statements(
        self, question: StatementQuestion, *, after: Place | None = None, limit: int = 50
    ) -> Page[FoundQuote]:
        """Give a page of statements, the latest first, each where it was first made; `after` the end of the one before.

        Raises:
            UsageError: `question.about` has no word in it.
        """

    def search_articles(
        self, question: ArticleQuestion, *, after: Place | None = None, limit: int = 50
    ) -> Page[FoundArticle]:
        """Give a page of articles, the latest first; `after` the end of the one before.

        Raises:
            UsageError: `question.words` has no word in it.
        """

    def newest_articles(self, *, limit: int = 20) -> list[FoundArticle]:
        """Give the articles that were taken in last, the last first."""

    def statements_by_day(self, question: StatementQuestion, *, among: int = 2_000) -> dict[str, int]:
        """Count the latest `among` pieces of statements by day, `2031-05-04`, in order; every copy counts.

        Raises:
            UsageError: `question.about` has no word in it.
        """

    def articles_by_hour(self, *, hours: int = 48) -> list[HourlyArticles]:
        """Count the articles of so many hours up to the latest time of publication, by hour, language and source."""

    def quoted_beside(self, name: str, *, limit: int = 12) -> list[tuple[str, int]]:
        """Give who is quoted in articles that quote `name` (the latest 500 pieces), with how many, most first."""

    def find_quotes(
        self,
        *,
        speaker: str | None = None,
        about: str | None = None,
        polarities: Collection[str] = (),
        least_confidence: float = 0.0,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 20,
    ) -> list[FoundQuote]:
        """Find statements, the latest first; the same words of one speaker are one, as are the pieces of a statement.

        Args:
            speaker: a full name, or a short one that an article uses for it; of any of those who say it.
            about: words and "phrases" that occur in the statement or around it.
            polarities: what the article says of it (see `pipeline.record.Polarity`); anything when there are none.
            least_confidence: in 0..1; what is less sure is left out.
            since: the earliest time.
            until: the time before which it was published.
            limit: the largest number of statements.

        Raises:
            UsageError: `about` has no word in it.
        """

    def articles_naming(
        self,
        name: str,
        *,
        type: str | None = None,  # noqa: A002 - the word the record uses
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 20,
    ) -> list[NamingArticle]:
        """Find the articles that name somebody or something, the latest first. `type` is an OntoNotes label."""

    def top_entities(
        self,
        *,
        type: str | None = None,  # noqa: A002 - the word the record uses
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 20,
    ) -> list[TopEntity]:
        """Give the entities named in most articles of a time range, those in most articles first."""

    def aliases_of(self, name: str, *, type: str | None = None, limit: int = 100) -> list[Alias]:  # noqa: A002 - see above
        """Give what `name` stands for, and what stands for it, those in most articles first."""

    def curate(self, said: Collection[CuratedAlias]) -> None:
        """Keep what somebody says of aliases, in place of what was said of them before.

        Raises:
            UsageError: an alias is the name itself.
            PipelineError: the store was opened for reading.
        """

    def nearest_names(self, name: str, *, limit: int = 5) -> list[str]:
        """Give the names of stored entities that are spelt most like `name`, the nearest first; maybe none."""

    def largest_clusters(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        at_least: int = 2,
        limit: int = 20,
    ) -> list[Cluster]:
        """Give the clusters of a time range that most outlets carry; of as many, those with most articles first."""

    def cluster_of(self, identifier: str, *, limit: int = 1000) -> tuple[str, list[Member]] | None:
        """Give one cluster's id and its members, the canonical one first and then by time; None if there is none.

        `identifier` is the id of a cluster, also of one that was merged into another, or of any member.
        """
