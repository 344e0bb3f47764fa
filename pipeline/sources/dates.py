"""Dates as feeds and archives write them, into UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime, parsedate_tz
from functools import lru_cache

# Seconds reach this in the year 5138, milliseconds did in 1973.
_MILLISECONDS_FROM = 100_000_000_000
_SECONDS_IN_TEXT_FROM = 9  # digits: fewer are a date such as 20260301
_FIRST_DAY, _LAST_DAY = 1900_01_01, 2199_12_31  # as numbers; as seconds they would be days of 1970

_ZONE = re.compile(r"(?<![A-Za-z.])([A-Za-z.]{1,20})\s{0,3}(?:\([^()]{0,40}\))?\Z")
_ZONES_OF_RFC_822 = frozenset(
    ["UT", "UTC", "GMT", "Z", "EST", "EDT", "CST", "CDT", "MST", "MDT", "PST", "PDT"]
)
_ISO = re.compile(r"\d{4}-\d")
_DIGIT = re.compile(r"\d")
_NUMBERS = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-]\d{2,4}\b")
_MONTHS = 12
_LANGUAGES = [
    "en",
    "de",
    "fr",
    "es",
    "pt",
    "it",
    "nl",
    "sv",
    "da",
    "fi",
    "pl",
    "cs",
    "tr",
    "ru",
    "uk",
    "ar",
    "zh",
    "ja",
]
_LONGEST = 80  # characters of a date


def parse_date(value: object) -> datetime | None:
    """`value` as a point in time in UTC, None when it is none.

    ISO 8601 (without a zone: UTC), a day as eight digits, RFC 822 as in RSS, seconds or milliseconds since 1970, as a
    number or in digits, and, where the extra `formats` is installed, how people write dates in many languages. A day
    and a month that may be either are no date: a wrong one is worse than none.
    """
    try:
        if isinstance(value, bool):
            return None
        if isinstance(value, int) and _FIRST_DAY <= value <= _LAST_DAY:
            return _from_text(str(value))
        if isinstance(value, int | float):
            return _from_epoch(value)
        if isinstance(value, str):
            return _from_text(value.strip())
    except (ValueError, TypeError, OverflowError, OSError, IndexError):
        pass
    return None


def _from_text(text: str) -> datetime | None:
    if text.isascii() and text.isdigit() and len(text) >= _SECONDS_IN_TEXT_FROM:
        return _from_epoch(int(text))
    for read in (datetime.fromisoformat, _from_rfc_822):
        try:
            moment = read(text)
        except (ValueError, TypeError, IndexError):
            continue
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    return _as_people_write(text)


def _from_rfc_822(text: str) -> datetime:
    """As in mails and RSS. Raises ValueError for what is none, or has a zone or half of a day that they don't have."""
    parts = parsedate_tz(text)
    zone = _ZONE.search(text)
    if parts is None or (zone and zone[1].upper() not in _ZONES_OF_RFC_822):
        raise ValueError(text)
    return parsedate_to_datetime(text)


@lru_cache(maxsize=4096)  # what is no date takes milliseconds, and a source writes all of its own alike
def _as_people_write(text: str) -> datetime | None:
    if not _DIGIT.search(text) or len(text) > _LONGEST or _ISO.match(text):
        return None
    try:
        import dateparser  # noqa: PLC0415 - an extra
    except ImportError:
        return None
    order = "DMY"
    if numbers := _NUMBERS.match(text):
        first, second = int(numbers[1]), int(numbers[2])
        if first <= _MONTHS and second <= _MONTHS and first != second:
            return None
        order = "DMY" if first > _MONTHS else "MDY"
    settings = {
        "DATE_ORDER": order,
        "TIMEZONE": "UTC",
        "RETURN_AS_TIMEZONE_AWARE": True,
        "STRICT_PARSING": True,
        "PARSERS": ["absolute-time"],  # `3 hours ago` was so when it was written
    }
    found: datetime | None = dateparser.parse(text, languages=_LANGUAGES, settings=settings)
    return found and found.astimezone(UTC)


def _from_epoch(number: float) -> datetime:
    seconds = number / 1000 if abs(number) >= _MILLISECONDS_FROM else number
    return datetime.fromtimestamp(seconds, UTC)
