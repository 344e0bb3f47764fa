"""Articles taken out on purpose: of the store, of what the stages remember, of the dead letters.

What the other topics hold of them goes with their retention; until then it is refused when it comes again. Exact
copies have no findings of their own: where they stay, the earliest is read by the stages and takes the place of the
article that goes, before that goes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pipeline.accounts import deadletters
from pipeline.accounts.deadletters import Selection, article_of
from pipeline.enricher import Enricher
from pipeline.record import DeadLetter, EnrichedArticle, Verdict
from pipeline.settings import Settings
from pipeline.stores.base import Store, removals_of
from pipeline.stores.removals import Forgotten, Found, Removal

_BATCH = 200
_FINDERS = ("entities", "quotes")


@dataclass(frozen=True, slots=True)
class Plan:
    """What a removal takes away.

    Attributes:
        removal: as it was asked for.
        chosen: the articles that go, copies that go with them included.
        staying: copies of them that stay.
        letters: dead letters about them.
    """

    removal: Removal
    chosen: list[Found]
    staying: list[Found]
    letters: list[DeadLetter]


def plan(settings: Settings, store: Store, removal: Removal, *, with_copies: bool) -> Plan:
    """Look what a removal would take away.

    Raises:
        TransientError: the store or the broker is away.
        UsageError: the store removes nothing, or there are no topics.
    """
    removals = removals_of(store)
    chosen = list(removals.found(removal))
    copies = removals.copies_of([one.article_id for one in chosen])
    if with_copies:
        chosen, copies = [*chosen, *copies], []
    ids = {one.article_id for one in chosen} | set(removal.article_ids)
    letters = [
        letter
        for letter in deadletters.letters(settings, Selection(status=None))
        if letter.status != "forgotten" and _is_about(letter, removal, ids)
    ]
    return Plan(removal, chosen, copies, letters)


def carry_out(
    settings: Settings, store: Store, planned: Plan, *, on_done: Callable[[int], None] = lambda _: None
) -> int:
    """Take away what was planned; gives how many articles that were. Interrupted, it can be run again.

    Args:
        settings: where the broker is, and which model the stages use.
        store: where the articles are.
        planned: by `plan`.
        on_done: told how many articles went, from time to time.

    Raises:
        TransientError: the store or the broker is away.
    """
    removals = removals_of(store)
    note = Forgotten(datetime.now(UTC), planned.removal.why)
    lettered = (letter.article_id for letter in planned.letters if letter.article_id)
    meant = (*(one.article_id for one in planned.chosen), *planned.removal.article_ids, *lettered)
    ids = list(dict.fromkeys(meant))
    going = frozenset(ids)
    removed = 0
    for some in _batches(ids):
        heirs = _heirs(store, removals.heirs(some, going))
        done = removals.remove(some, heirs, note)
        removed += done
        on_done(done)
    deadletters.forget(settings, planned.letters)
    return removed


def _is_about(letter: DeadLetter, removal: Removal, ids: set[str]) -> bool:
    if letter.article_id in ids:
        return True
    if removal.source is None and removal.url is None and removal.before is None:
        return False
    article = article_of(letter)
    if article is None:
        return False
    fits = (
        removal.source is None or article.source == removal.source,
        removal.url is None or article.url == removal.url,
        removal.before is None or (article.published_at or article.ingested_at) < removal.before,
        not removal.article_ids or article.article_id in removal.article_ids,
    )
    return all(fits)


def _heirs(store: Store, candidates: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """For each article the copy that takes its place, with findings of its own from now on."""
    heirs: dict[str, str] = {}
    if not candidates:
        return heirs
    enricher = Enricher.load(stages=_FINDERS)
    for article_id, copies in candidates.items():
        for copy in copies:
            record = store.article(copy)
            if record is not None and (found := _with_findings(enricher, record)) is not None:
                store.write([found])
                heirs[article_id] = copy
                break
    return heirs


def _with_findings(enricher: Enricher, record: EnrichedArticle) -> EnrichedArticle | None:
    """A copy as an original: with what the stages find in it; None when they can't read it."""
    for _, outcome in enricher.enrich([record.article]):
        if isinstance(outcome, EnrichedArticle):
            cluster = {"verdict": Verdict.ORIGINAL, "duplicate_of": None, "relation": None}
            duplicate = record.duplicate.model_copy(update=cluster)
            return outcome.model_copy(update={"duplicate": duplicate})
    return None


def _batches(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), _BATCH):
        yield ids[start : start + _BATCH]
