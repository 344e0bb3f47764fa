"""Stored articles under the rules of today: what would be found in them that was not, and back onto the topic."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field

from pipeline.enricher import Enricher
from pipeline.flow import FLOW, IN_POOL
from pipeline.record import Article
from pipeline.record.differences import Difference, Kind, differences
from pipeline.stages.base import Rejection
from pipeline.stages.registry import installed
from pipeline.stores.base import Store
from pipeline.stores.questions import ArticleQuestion
from pipeline.stores.records import stored_records


@dataclass(slots=True)
class Review:
    """What a look at stored articles has shown.

    Attributes:
        most: examples that are kept of each kind.
        articles: that were looked at.
        changed: those whose record would change.
        counts: how many differences there are of each kind.
        articles_by_kind: in how many articles.
        examples: some of each kind, of different articles.
        refused: articles that a stage can't read any more, each with the reason.
    """

    most: int
    articles: int = 0
    changed: int = 0
    counts: Counter[Kind] = field(default_factory=Counter)
    articles_by_kind: Counter[Kind] = field(default_factory=Counter)
    examples: dict[Kind, list[Difference]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    def add(self, found: Collection[Difference]) -> None:
        """Count one article with its differences."""
        self.articles += 1
        self.changed += bool(found)
        for kind in dict.fromkeys(one.kind for one in found):
            self.articles_by_kind[kind] += 1
            examples = self.examples.setdefault(kind, [])
            if len(examples) < self.most:
                examples.append(next(one for one in found if one.kind is kind))
        self.counts.update(one.kind for one in found)


def stages() -> tuple[str, ...]:
    """The stages whose findings can be made anew: all but those that go by the order in which articles came."""
    return installed().names_of(step.name for step in FLOW.steps if step.runs is IN_POOL)


def with_dependants(stage: str) -> tuple[str, ...]:
    """A stage and those behind it, which go by what it finds."""
    known = stages()
    return known[known.index(stage) :]


def review(
    store: Store,
    question: ArticleQuestion,
    enricher: Enricher,
    seen: Review,
    *,
    on_article: Callable[[], None] = lambda: None,
) -> Iterator[Article]:
    """Look at the stored articles that are asked for; those whose records would change, as they were taken in.

    Exact copies have no findings of their own and are left out. In constant memory.

    Args:
        store: where they are.
        question: which.
        enricher: with the stages that are to look.
        seen: is told of every article.
        on_article: is called behind each.

    Raises:
        UsageError: the store answers no searches, and not all articles are asked for.
        TransientError: the store is away.
    """
    for before, outcome in enricher.again(stored_records(store, question)):
        if isinstance(outcome, Rejection):
            seen.articles += 1
            seen.refused[before.article.article_id] = outcome.detail
        else:
            found = list(differences(before, outcome))
            seen.add(found)
            if found:
                yield before.article
        on_article()
