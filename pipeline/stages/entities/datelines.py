"""Where a report was written: `NAIROBI, March 3 (Reuters) - `, `Cape Town —`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.stages.entities.gazetteer import place_weight
from pipeline.stages.entities.lexicon import fold
from pipeline.stages.entities.mentions import Mention
from pipeline.text.marks import APOSTROPHES, DASHES

_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*"
_DATELINE = re.compile(
    rf"(?P<city>[^\W\d_][\w.{APOSTROPHES} -]{{1,40}}?)"
    rf"(?:, (?P<region>[^\W\d_][\w.{APOSTROPHES} ]{{1,30}}?))?"
    rf"(?P<date>[.,]? ?\(?(?:\d{{1,2}} )?{_MONTH}\.?(?: \d{{1,2}})?(?:,? \d{{4}})?\)?)?"
    r"(?: ?[(/](?P<agency>[A-Z][\w. ]{1,20})[)/])?"
    rf"(?P<dash>[.:]?-{{1,2}} | ?[{DASHES}] ?| -{{1,2}} |: )"
)
_DASH = re.compile(f"[-:] |[{DASHES}]")  # what every dateline has, and few paragraphs where one would be
_AT_MOST = 90


def dateline(offset: int, passage: str) -> Iterator[Mention]:
    """The place and the agency of a dateline at the beginning of a passage that starts at `offset`.

    A dash after capitals, after a date or an agency, or after the name of a known place makes a dateline.
    """
    beginning = passage[:_AT_MOST]
    match = _DATELINE.match(beginning) if _DASH.search(beginning) else None
    if not match:
        return
    city = match["city"]
    known = place_weight(fold(city)) > 0
    if not (known or (city.isupper() and match["dash"] != ": " and " " not in city.strip())):
        return
    if match["dash"] == ": " and not city.isupper():
        return
    yield Mention(offset + match.start("city"), offset + match.end("city"), "GPE", city)
    if match["region"] and place_weight(fold(match["region"])) > 0:
        yield Mention(offset + match.start("region"), offset + match.end("region"), "GPE", match["region"])
    if match["agency"]:
        yield Mention(offset + match.start("agency"), offset + match.end("agency"), "ORG", match["agency"])
