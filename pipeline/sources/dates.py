"""Dates as feeds and archives write them, into UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

# Seconds reach this in the year 5138, milliseconds did in 1973.
_MILLISECONDS_FROM = 100_000_000_000
_SECONDS_IN_TEXT_FROM = 9  # digits: fewer are a date such as 20260301


def parse_date(value: object) -> datetime | None:
    """`value` as a point in time in UTC, None when it is none.

    ISO 8601 (without a zone: UTC), RFC 822 as in RSS, and seconds or milliseconds since 1970, as a number or
    in digits.
    """
    try:
        if isinstance(value, bool):
            return None
        if isinstance(value, int | float):
            return _from_epoch(value)
        if isinstance(value, str):
            return _from_text(value.strip())
    except (ValueError, TypeError, OverflowError, OSError, IndexError):
        pass
    return None


def _from_text(text: str) -> datetime:
    if text.isascii() and text.isdigit() and len(text) >= _SECONDS_IN_TEXT_FROM:
        return _from_epoch(int(text))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = parsedate_to_datetime(text)
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)


def _from_epoch(number: float) -> datetime:
    seconds = number / 1000 if abs(number) >= _MILLISECONDS_FROM else number
    return datetime.fromtimestamp(seconds, UTC)
