"""What the pipeline needs of a store, and the store that a URL means.

Ours are `sqlite`, `postgresql` and `opensearch`. Another package adds one by an entry point whose name is the scheme of
its URLs:

    [project.entry-points."news_pipeline.stores"]
    jsonl = "news_jsonlines:open_store"

which is called as `open_store(url, read_only=False)` and gives a Store. tests/support/store_contract.py is the suite
that each of them passes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, Self, runtime_checkable

from pipeline.errors import PermanentError, SettingsError, UsageError
from pipeline.plugins import Kind, with_added
from pipeline.record import EnrichedArticle, LogPosition
from pipeline.settings import PREFIX, Settings
from pipeline.stages.base import Rejection
from pipeline.stores.incoming import Incoming, checked
from pipeline.stores.versions import Disposition, Standing

if TYPE_CHECKING:
    from pipeline.stages.duplicates.state import StateStore
    from pipeline.stores.removals import Removals
    from pipeline.stores.searches import Searches
    from pipeline.stores.standing import Alerts, Questions


@dataclass(frozen=True, slots=True)
class WriteResult:
    """What became of a batch: one disposition a record, counted; rejections by index in the batch.

    `forgotten` are those of articles that were removed on purpose, which are not taken again.
    """

    inserted: int
    updated: int
    unchanged: int
    stale: int
    rejections: Mapping[int, Rejection]
    forgotten: int = 0

    @classmethod
    def of(cls, found: Mapping[Disposition, int], rejections: Mapping[int, Rejection]) -> Self:
        """From a count of what became of those that were not rejected; what is not counted is 0."""
        return cls(
            inserted=found.get(Disposition.INSERTED, 0),
            updated=found.get(Disposition.UPDATED, 0),
            unchanged=found.get(Disposition.UNCHANGED, 0),
            stale=found.get(Disposition.STALE, 0),
            rejections=rejections,
            forgotten=found.get(Disposition.FORGOTTEN, 0),
        )


def sifted(
    records: Sequence[EnrichedArticle], positions: Sequence[LogPosition | None] | None
) -> tuple[dict[int, Incoming], dict[int, Rejection]]:
    """What of a batch can be stored, and why the others can't, by index in the batch; see `Store.write`.

    Entities have the keys that this version finds names by.
    """
    batch: dict[int, Incoming] = {}
    rejections: dict[int, Rejection] = {}
    known = positions if positions is not None else repeat(None, len(records))
    for index, (record, position) in enumerate(zip(records, known, strict=True)):
        try:
            batch[index] = checked(record, position)
        except PermanentError as error:
            rejections[index] = Rejection(error.reason, error.detail)
    return batch, rejections


UNKNOWN_LANGUAGE = "unknown"


@dataclass(frozen=True, slots=True)
class Counts:
    """The size of the store.

    Attributes:
        articles: stored.
        by_verdict: adds up to `articles`.
        entities: stored.
        quotes: stored.
        attributed: of the quotes, those with a speaker.
        by_language: adds up to `articles` too; an article that names no language is in `UNKNOWN_LANGUAGE`.
    """

    articles: int
    by_verdict: dict[str, int]
    entities: int
    quotes: int
    attributed: int
    by_language: dict[str, int]


class StoredVersions(Protocol):
    """The versions in a store, as they are when they are asked for: what the ledger goes by."""

    def all(self) -> Iterator[tuple[str, bytes]]:
        """Yield the id of every stored article with the hash of its version, sorted by code point; memory is bounded.

        An article stored meanwhile may or may not be among them; none is ever removed.
        """

    def forgotten(self) -> Iterator[str]:
        """The ids of the articles that were removed on purpose."""

    def of(self, article_ids: Sequence[str]) -> Mapping[str, Standing]:
        """What stands of these articles, and what was superseded; articles that are not stored are left out."""


@runtime_checkable
class Store(Protocol):
    """Where records are kept. Several processes may write to one store at a time, also the same articles.

    Every method raises TransientError when the store is away, so that the same call can be made again, and
    InstallationError when only a person can mend it.
    """

    @property
    def duplicates(self) -> StateStore:
        """The state of the duplicates stage, as durable as the records."""

    @property
    def versions(self) -> StoredVersions:
        """Which version of each article stands."""

    @property
    def searches(self) -> Searches | None:
        """The newsroom's questions; None when the store answers none."""

    @property
    def removals(self) -> Removals | None:
        """How articles are taken out of it; None when none can be."""

    def identity(self) -> str:
        """The identity that the store was given when it was made; the same for all of its life.

        What the progress of a group is bound to, so that no second store takes half of the articles.
        """

    def is_current(self) -> bool:
        """Whether the store was made, and in the form that this program works with."""

    def upgrade(self) -> None:
        """Make the store, or bring it to this program's form. Safe to repeat, and for several at once."""

    def write(
        self, records: Sequence[EnrichedArticle], positions: Sequence[LogPosition | None] | None = None
    ) -> WriteResult:
        """Store a batch; when this returns, it is durable.

        A record that can't be stored is rejected alone. `pipeline.stores.versions` says which replace which.

        Args:
            records: in the order of arrival.
            positions: where each was accepted, None where that is not known, as of all when there are none.

        Raises:
            TransientError: the store is away; the same call again is right, whether or not something was written.
        """

    def article(self, article_id: str) -> EnrichedArticle | None:
        """A stored record whole, as it was written, its keys as `sifted` gives them; None if there is none."""

    def count_articles(self) -> int:
        """How many articles are stored; fast."""

    def counts(self) -> Counts:
        """How much is stored; may take seconds on millions of articles."""

    def close(self) -> None:
        """Let go of files and connections."""


class FeedMemory(Protocol):
    """What is remembered of feeds on the web. A store may keep it, under `feeds`: it is no part of Store."""

    def state(self, feed: str) -> Mapping[str, Any]:
        """What was noted of a feed last; empty where nothing was."""

    def unseen(self, feed: str, keys: Iterable[str]) -> set[str]:
        """Those of the keys that were not noted for the feed."""

    def note(self, feed: str, keys: Iterable[str], state: Mapping[str, Any]) -> None:
        """Note items as seen, and how the feed stands, together; when this returns, it is durable."""


Opener = Callable[..., Store]
"""Opens the store of a URL: `opener(url, read_only=False)`; nothing need be there before `upgrade`."""


def open_store(url: str, *, read_only: bool = False, patience: float | None = None) -> Store:
    """The store that a URL means.

    Args:
        url: `sqlite:///path`, `postgresql+psycopg://…`, `opensearch://…`, or one of a scheme that an installed package
            adds.
        read_only: refuse writes, and never make a new store.
        patience: seconds after which a question to a database is given up; other stores have their own.

    Raises:
        SettingsError: no store has such URLs, or the URL is none that its store can use. Shows no password.
    """
    openers = with_added(Kind.STORE, _OURS)
    scheme = url.partition(":")[0].partition("+")[0]
    if scheme not in openers and scheme.isalnum() and ":" in url:
        added = ", ".join(sorted(openers.keys() - _OURS.keys())) or "no others are installed"
        raise SettingsError(
            f"database URL: {scheme}:// is not supported; there are sqlite:///path/to/file.db, "
            f"postgresql+psycopg://user@host/database, opensearch://user@host:9200/prefix, and of other packages: "
            f"{added}"
        )
    opener = openers.get(scheme, _sql)
    if opener is _sql:
        return _sql(url, read_only=read_only, patience=patience)
    store = opener(url, read_only=read_only)
    if not isinstance(store, Store):
        raise SettingsError(
            f"plug-in {scheme} ({Kind.STORE}): {type(store).__name__} lacks a part of "
            f"pipeline.stores.base.Store: mend or uninstall that package"
        )
    return store


def configured_store(settings: Settings, *, read_only: bool = False) -> Store:
    """The store that the settings name. Raises like `open_store`."""
    return open_store(settings.database_url.get_secret_value(), read_only=read_only)


def searches_of(store: Store) -> Searches:
    """Its searches. Raises UsageError when it has none."""
    searches = store.searches
    if searches is None:
        raise UsageError(
            f"{type(store).__name__} answers no searches: name a store that does in {PREFIX}DATABASE_URL "
            f"(sqlite:///…, postgresql+psycopg://…)"
        )
    return searches


def removals_of(store: Store) -> Removals:
    """How articles are taken out of a store. Raises UsageError when none can be."""
    removals = store.removals
    if removals is None:
        raise UsageError(
            f"{type(store).__name__} removes no articles: name a store that does in {PREFIX}DATABASE_URL"
        )
    return removals


def feed_memory_of(store: Store) -> FeedMemory:
    """What the store remembers of feeds. Raises UsageError when it keeps none."""
    memory: FeedMemory | None = getattr(store, "feeds", None)
    if memory is None:
        raise UsageError(
            f"{type(store).__name__} remembers no feeds: name a store that does in {PREFIX}DATABASE_URL "
            f"(sqlite:///…, postgresql+psycopg://…)"
        )
    return memory


class StandingParts(NamedTuple):
    """The parts of a store that keep standing questions, and what answered them."""

    questions: Questions
    alerts: Alerts


def standing_in(store: Store) -> StandingParts | None:
    """Under `questions` and `alerts`, which are no part of Store: None where a store keeps neither."""
    questions, alerts = getattr(store, "questions", None), getattr(store, "alerts", None)
    return None if questions is None or alerts is None else StandingParts(questions, alerts)


def standing_of(store: Store) -> StandingParts:
    """The same. Raises UsageError when it keeps none."""
    standing = standing_in(store)
    if standing is None:
        raise UsageError(
            f"{type(store).__name__} keeps no standing questions: name a store that does in {PREFIX}DATABASE_URL "
            f"(sqlite:///…, postgresql+psycopg://…)"
        )
    return standing


def _sql(url: str, *, read_only: bool, patience: float | None = None) -> Store:
    from pipeline.stores.sql.store import open_sql_store  # noqa: PLC0415 - slow to import, and others do without

    return open_sql_store(url, read_only=read_only, patience=patience)


def _opensearch(url: str, *, read_only: bool) -> Store:
    from pipeline.stores.opensearch.store import open_opensearch_store  # noqa: PLC0415 - an extra

    return open_opensearch_store(url, read_only=read_only)


_OURS: Mapping[str, Opener] = {
    "sqlite": _sql,
    "postgresql": _sql,
    "postgres": _sql,
    "opensearch": _opensearch,
}
