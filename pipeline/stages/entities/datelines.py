"""Where a report was written: `NAIROBI, March 3 (Reuters) - `, `Cape Town —`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from pipeline.languages.names import Names
from pipeline.stages.entities.gazetteer import place_weight
from pipeline.stages.entities.mentions import Mention
from pipeline.text.folding import fold
from pipeline.text.marks import APOSTROPHES, DASHES

_CITY = (
    rf"(?P<city>[^\W\d_][\w.{APOSTROPHES} -]{{1,40}}?)"
    rf"(?:, (?P<region>[^\W\d_][\w.{APOSTROPHES} ]{{1,30}}?))?"
)
_BEHIND = (
    r"(?: ?[(/](?P<agency>[A-Z][\w. ]{1,20})[)/])?"
    rf"(?P<dash>[.:]?-{{1,2}} | ?[{DASHES}] ?| -{{1,2}} |: )"
)


@cache
def _pattern(names: Names) -> re.Pattern[str]:
    """City, region, date, agency and dash."""
    month = names.any_of("cues", "month_beginnings")
    date = rf"(?P<date>[.,]? ?\(?(?:\d{{1,2}} )?{month}[a-z]*\.?(?: \d{{1,2}})?(?:,? \d{{4}})?\)?)?"
    return re.compile(_CITY + date + _BEHIND)


_DASH = re.compile(f"[-:] |[{DASHES}]")  # what every dateline has, and few paragraphs where one would be
_AT_MOST = 90


def dateline(offset: int, passage: str, names: Names) -> Iterator[Mention]:
    """The place and the agency of a dateline at the beginning of a passage that starts at `offset`.

    A dash after capitals, after a date or an agency, or after the name of a known place makes a dateline.
    """
    beginning = passage[:_AT_MOST]
    match = _pattern(names).match(beginning) if _DASH.search(beginning) else None
    if not match:
        return
    city = match["city"]
    if not _is_one(city, match["dash"], names):
        return
    yield Mention(offset + match.start("city"), offset + match.end("city"), "GPE", city)
    if match["region"] and place_weight(fold(match["region"]), names) > 0:
        yield Mention(offset + match.start("region"), offset + match.end("region"), "GPE", match["region"])
    if match["agency"]:
        yield Mention(offset + match.start("agency"), offset + match.end("agency"), "ORG", match["agency"])


def _is_one(city: str, dash: str, names: Names) -> bool:
    """Whether what looks like a dateline is one, by its city and what ends it."""
    known = place_weight(fold(city), names) > 0
    if dash == ": ":
        return known and city.isupper()
    return known or (city.isupper() and " " not in city.strip())
