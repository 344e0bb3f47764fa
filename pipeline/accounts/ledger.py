"""The ledger: every accepted version stands, or was superseded, is a dead letter, or was dropped on purpose.

A message is accepted when it is on news.raw. Its version is accounted for when it stands in the store; when a later
one *of the log* does, by the very rule that the store goes by; when it is an open dead letter, or one that was
discarded; and when its article was removed from the store on purpose. Everything else is missing: not yet there, or
lost, lost corrections included.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from pipeline.accounts.account import Accepted, Account, Letter
from pipeline.accounts.letterbox import is_letter, letter_in
from pipeline.errors import PermanentError
from pipeline.flow import FLOW
from pipeline.kafka.admin import EARLIEST, Admin
from pipeline.kafka.scan import Scanned, scan
from pipeline.kafka.topics import Topic, topic_name
from pipeline.record import Article, DeadLetter
from pipeline.record.codec import decode_record
from pipeline.settings import Settings
from pipeline.sources.messages import article_in
from pipeline.stores.versions import version_hash

if TYPE_CHECKING:
    from pipeline.stores.base import StoredVersions

_SAMPLES = 10


@dataclass(frozen=True, slots=True)
class Versions:
    """Of the versions on news.raw, how many are where.

    `superseded`: a later version of the log stands. `forgotten`: removed from the store on purpose.
    `missing`: in no place yet, or lost; `unread` of them were not
    read yet when the ledger was begun.
    """

    accepted: int
    standing: int
    superseded: int
    dead_lettered: int
    discarded: int
    forgotten: int
    missing: int
    unread: int


@dataclass(frozen=True, slots=True)
class Ledger:
    """The counts, and up to ten of each kind that should not be.

    `messages` counts what is on news.raw, `accepted` the different ids among it (the same article replayed is
    one), and the next four where these ids are. `missing`: in no place yet, or lost. `doubled`: one message in two
    places. `orphans`: stored, but not on news.raw, as is expected once its retention has passed; when news.raw still
    has its first message they are `lost_by_broker`: it had them, and lost them or was made anew, and what it accepted
    besides nobody knows.
    `lost_to_retention`: messages that retention deleted before their stage had read them.
    """

    messages: int
    accepted: int
    stored: int
    dead_lettered: int
    discarded: int
    forgotten: int
    missing: int
    doubled: int
    orphans: int
    lost_by_broker: int
    lost_to_retention: int
    raw_is_complete: bool
    versions: Versions
    samples: dict[str, list[str]]

    @property
    def closed(self) -> bool:
        """Whether every accepted version is accounted for, once, and the broker still knows what was accepted."""
        lost = self.lost_to_retention or self.lost_by_broker
        return not (self.missing or self.versions.missing or self.doubled or lost)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"closed": self.closed, **asdict(self)}


def verify(
    settings: Settings,
    stored: StoredVersions,
    *,
    admin: Admin | None = None,
) -> Ledger:
    """Read the topics and what is stored, and draw up the ledger.

    Read in this order (accepted first, stored last), a running pipeline can only look more behind than it is
    for what arrives meanwhile: nothing is missed that was accepted before the call.

    Args:
        settings: where the broker is.
        stored: the versions in the store; read last.
        admin: a connection to use.

    Raises:
        TransientError: the broker or the store is away.
        UsageError: the topics do not exist.
    """
    if admin is None:
        with Admin(settings) as own:
            return verify(settings, stored, admin=own)
    lags = admin.lag(FLOW.sources)
    raw = topic_name(settings, Topic.RAW)
    read = {lag.partition: lag.found.end - lag.found.lag for lag in lags if lag.topic == raw}
    is_complete = not any(admin.offsets(Topic.RAW, EARLIEST).values())
    with _drawn_up(settings, stored, admin) as account:
        unread = account.missing_from(read)
        orphans = account.count("orphans")
        kinds = ("missing", "missing_versions", "doubled", "orphans")
        samples = {kind: account.sample(kind, _SAMPLES) for kind in kinds}
        return Ledger(
            messages=account.messages(),
            **account.articles(),
            missing=account.count("missing"),
            doubled=account.count("doubled"),
            orphans=orphans,
            lost_by_broker=orphans if is_complete else 0,
            lost_to_retention=sum(lag.found.lost for lag in lags),
            raw_is_complete=is_complete,
            versions=Versions(**account.versions(), unread=unread),
            samples={kind: found for kind, found in samples.items() if found},
        )


def doubled(settings: Settings, stored: StoredVersions) -> frozenset[str]:
    """The ids of all open dead letters about messages that are stored all the same.

    It takes a time limit, or a pool's process that died: the message was dead-lettered, its worker ended before
    the commit, and delivered again it worked. The store has what the letter is about, so the letter can go.

    Raises:
        TransientError: the broker or the store is away.
        UsageError: the topics do not exist.
    """
    with Admin(settings) as admin, _drawn_up(settings, stored, admin) as account:
        return account.doubled_letters()


@contextmanager
def _drawn_up(settings: Settings, stored: StoredVersions, admin: Admin) -> Iterator[Account]:
    """The account with everything read into it; what is stored last."""
    log = admin.log(Topic.RAW)
    with Account(log) as account:
        account.accept(map(accepted, scan(settings, Topic.RAW, admin=admin)))
        account.letters(_letters(settings, log, scan(settings, Topic.DEAD_LETTER, admin=admin)))
        account.forget(stored.forgotten())
        account.store(stored.all(), stored.of)
        yield account


def accepted(message: Scanned) -> Accepted:
    """A message of the raw topic as the ledger knows it, whatever is in it."""
    appended = None if message.appended_at is None else message.appended_at.timestamp()
    found = _article(message.value, message.key)
    if found is None or not _is_key_of(message.key, found[0]):
        place = _place(message).encode()
        return Accepted(message.partition, message.offset, identity(message), place, appended, None)
    article, version = found
    ingested = article.ingested_at.timestamp()
    return Accepted(message.partition, message.offset, article.article_id, version, appended, ingested)


def identity(message: Scanned | DeadLetter) -> str:
    """What a message is known by, on its topic and as a dead letter: its key, else the id inside, else where it is."""
    if message.key:
        try:
            return message.key.decode() if len(message.key) <= _LONGEST_KEY else _place(message)
        except UnicodeDecodeError:
            return _place(message)
    if isinstance(message, DeadLetter) and (message.omitted_key or message.omitted_value):
        return message.article_id or _place(message)
    found = _article(message.value, None)
    return found[0].article_id if found else _place(message)


# Longer than any article id: as a name it would be no use, and a dead letter may have no room for it.
_LONGEST_KEY = 1000


def _place(message: Scanned | DeadLetter) -> str:
    return f"{message.topic}/{message.partition}/{message.offset}"


def _letters(settings: Settings, log: str, messages: Iterable[Scanned]) -> Iterator[Letter]:
    raw = topic_name(settings, Topic.RAW)
    for letter in filter(is_letter, map(letter_in, messages)):
        found = (
            _article(letter.value, letter.key) if letter.topic == raw else _article_of_record(letter.value)
        )
        if found is not None and _is_key_of(letter.key, found[0]):
            yield Letter(letter.letter_id, letter.status, found[0].article_id, found[1], None)
            continue
        place = _raw_place(letter, raw, log)
        yield Letter(letter.letter_id, letter.status, identity(letter), None, place)


def _raw_place(letter: DeadLetter, raw: str, log: str) -> tuple[int, int] | None:
    """Where on the raw topic, as it is now, the message of a letter was accepted."""
    if letter.topic == raw:
        return letter.partition, letter.offset
    if letter.position is None or letter.position.log != log:
        return None
    return 0, letter.position.offset  # the raw topic has one partition


def _article(value: bytes | None, key: bytes | None) -> tuple[Article, bytes] | None:
    try:
        article = article_in(value, key=key)
        return article, version_hash(article)
    except _NO_ARTICLE:
        return None


def _article_of_record(value: bytes | None) -> tuple[Article, bytes] | None:
    try:
        article = decode_record(value).article
        return article, version_hash(article)
    except _NO_ARTICLE:
        return None


# Whatever a value provokes: it has a place all the same.
_NO_ARTICLE = (PermanentError, ValueError, OverflowError)


def _is_key_of(key: bytes | None, article: Article) -> bool:
    return key is None or key == article.article_id.encode()
