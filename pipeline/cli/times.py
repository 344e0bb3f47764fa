"""Times as people type them: `2027`, `2027-01`, `2027-01-31`, `2027-01-31T09:30`, `7d`, `12h`, `yesterday`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import typer

FORMS = "2027, 2027-01, 2027-01-31, 2027-01-31T09:30, 7d or 12h ago, today, yesterday"

_PARTIAL = re.compile(r"(\d{4})(?:-(\d{1,2}))?")
_AGO = re.compile(r"(\d{1,6})\s?(m|h|d|w)(?: ago)?")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True, slots=True)
class Typed:
    """A point in time, and how it was typed: `7d` is another one tomorrow."""

    text: str
    at: datetime


def typed(text: str) -> Typed:
    """As `moment`, with the text. Raises BadParameter."""
    return Typed(text.strip(), moment(text))


def moment(text: str) -> datetime:
    """A point in time, UTC where nothing else is said; a year or month is its beginning.

    Raises:
        BadParameter: it is none.
    """
    text = text.strip()
    now = datetime.now(UTC)
    try:
        if partial := _PARTIAL.fullmatch(text):
            return datetime(int(partial[1]), int(partial[2] or 1), 1, tzinfo=UTC)
        if ago := _AGO.fullmatch(text.lower()):
            return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        if text.lower() in {"today", "yesterday"}:
            midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
            return midnight - timedelta(days=text.lower() == "yesterday")
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise typer.BadParameter(f"{text!r} is no time: give one as {FORMS}") from None
    return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
