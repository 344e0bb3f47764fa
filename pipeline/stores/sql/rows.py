"""From a record to its rows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

from pipeline.questions.keys import aliases, is_organisation, key_of_speaker
from pipeline.record import Article, LogPosition, Quote, Speaker, context_of, effective_time
from pipeline.record.trusted import trusted
from pipeline.stores.incoming import Incoming
from pipeline.stores.sql.mapping import (
    ARTICLE_NAMES,
    ENTITY_NAMES,
    MENTION,
    QUOTE_NAMES,
    Row,
    annotation_rows,
    article_values,
    entity_values,
    quote_values,
)

_HASH_BYTES = 16
_WORD = re.compile(r"\w+")

Values = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one article. Of what there is much of, the values alone: of ENTITY_COLUMNS and so on."""

    article: Row
    entities: list[Values]
    aliases: list[Row]
    mentions: list[Values]
    quotes: list[Values]
    co_speakers: list[Row]
    annotations: list[Row]


def position_row(position: LogPosition | None) -> Row:
    """The columns of a position."""
    if position is None:
        return {"log": None, "log_offset": None, "appended_at": None}
    return {"log": position.log, "log_offset": position.offset, "appended_at": position.appended_at}


def position_in(row: Any) -> LogPosition | None:
    """The position in a row of the store."""
    if row.log is None:
        return None
    return trusted(LogPosition, {"log": row.log, "offset": row.log_offset, "appended_at": row.appended_at})


def rows_of(incoming: Incoming) -> Rows:
    """Give the rows of a record."""
    record = incoming.record
    article = record.article
    article_id = article.article_id
    time = effective_time(article)
    key_of_name = {entity.name: entity.key for entity in record.entities if entity.key}
    return Rows(
        article={
            **dict(zip(ARTICLE_NAMES, article_values(record), strict=True)),
            "time": time,
            "version_hash": incoming.version_hash,
            "record_hash": incoming.record_hash,
            **position_row(incoming.position),
        },
        entities=[
            (article_id, position, len(entity.mentions), time, *entity_values(entity))
            for position, entity in enumerate(record.entities)
        ],
        aliases=[
            {"article_id": article_id, "alias": alias, "key": key}
            for alias, key in sorted(aliases(record.entities))
        ],
        mentions=[
            (article_id, number, position, *MENTION.values(mention))
            for number, entity in enumerate(record.entities)
            for position, mention in enumerate(entity.mentions)
        ],
        quotes=[
            _quote_row(quote, position, article, time, key_of_name)
            for position, quote in enumerate(record.quotes)
        ],
        co_speakers=[
            {"article_id": article_id, "position": position, "speaker_key": key}
            for position, quote in enumerate(record.quotes)
            if quote.speakers
            for key in sorted({_key_of_speaker(one, key_of_name) for one in quote.speakers[1:]})
        ],
        annotations=[{"article_id": article_id, **row} for row in annotation_rows(record)],
    )


ENTITY_COLUMNS = ("article_id", "position", "mention_count", "time", *ENTITY_NAMES)
MENTION_COLUMNS = ("article_id", "entity", "position", *MENTION.names)
QUOTE_COLUMNS = ("article_id", "position", "speaker_key", "words_hash", "context", "time", *QUOTE_NAMES)


def words_hash(text: str) -> bytes:
    """Hash the words of a quote: the same for all copies, whatever their marks, case and white space."""
    return _hash(" ".join(_WORD.findall(text.casefold())).encode())


def _hash(data: bytes) -> bytes:
    return blake2b(data, digest_size=_HASH_BYTES).digest()


def _quote_row(quote: Quote, position: int, article: Article, time: datetime, keys: dict[str, str]) -> Values:
    speaker = quote.speaker
    key = speaker and _key_of_speaker(speaker, keys)
    values = (
        article.article_id,
        position,
        key,
        words_hash(quote.text),
        context_of(quote, article.text),
        time,
    )
    return values + quote_values(quote)


def _key_of_speaker(speaker: Speaker, keys: dict[str, str]) -> str:
    """That of the entity of the same name, else the one that the name itself gives."""
    return keys.get(speaker.name) or key_of_speaker(speaker.name, organisation=is_organisation(speaker))
