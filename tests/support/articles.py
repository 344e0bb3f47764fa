"""Articles by the number: each unlike the others, the same for the same number and seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from pipeline.record import Article

_START = datetime(2026, 3, 1, 6, tzinfo=UTC)

_PEOPLE = ("Edmund Finch", "Clara Oduya", "Tobias Wren", "Ingrid Halloran", "Marcus Pell", "Yusuf Adeyemi")
_PLACES = ("London", "Nairobi", "Oslo", "Lisbon", "Toronto", "Jakarta", "Lima", "Warsaw")
_WORDS = [
    "harbour",
    "bridge",
    "timber",
    "council",
    "ferry",
    "lantern",
    "orchard",
    "railway",
    "quarry",
    "meadow",
    "chapel",
    "engine",
    "market",
    "tunnel",
    "granite",
    "reservoir",
    "festival",
    "pension",
    "library",
    "museum",
    "archive",
    "clinic",
    "turbine",
    "glacier",
    "vineyard",
    "barge",
    "kiln",
    "foundry",
    "tannery",
    "lighthouse",
    "aqueduct",
    "granary",
    "brewery",
    "canal",
    "viaduct",
    "pavilion",
    "observatory",
    "nursery",
    "depot",
    "workshop",
    "bakery",
    "fishery",
    "sawmill",
    "greenhouse",
    "allotment",
    "theatre",
    "ballroom",
    "gymnasium",
    "stadium",
    "velodrome",
    "marina",
    "jetty",
    "pier",
    "wharf",
    "dock",
    "lock",
    "weir",
    "sluice",
    "culvert",
    "drain",
    "sewer",
    "pipeline",
    "cable",
    "pylon",
    "mast",
    "antenna",
    "satellite",
    "telescope",
    "microscope",
    "scanner",
    "printer",
    "loom",
    "spindle",
    "anvil",
    "forge",
    "furnace",
    "boiler",
    "chimney",
]
_VERBS = ("repaired", "closed", "painted", "flooded", "sold", "measured", "reopened", "insured", "moved")


def article(number: int, *, seed: int = 0, marker: str = "", language: str | None = "en") -> Article:
    """One article with people, a place and a quotation. `marker` is put into its text, for faulty stages."""
    dice = random.Random(f"{seed}/{number}")
    person, place = dice.choice(_PEOPLE), dice.choice(_PLACES)
    title = f"{_phrase(dice, 2).capitalize()} {dice.choice(_VERBS)} in {place}"
    body = (
        f"The {_phrase(dice, 3)} was {dice.choice(_VERBS)} on Monday, according to the {_phrase(dice, 2)} board.\n\n"
        f'"We never {dice.choice(_VERBS)} the {_phrase(dice, 3)} before," said {person}, '
        f"who runs the {_phrase(dice, 2)} in {place}.\n\n"
        f"The {_phrase(dice, 4)} and the {_phrase(dice, 4)} will be {dice.choice(_VERBS)} next year. "
        f"Case {seed}-{number} {marker}"
    )
    time = _START + timedelta(seconds=number)
    return Article(
        article_id=f"{seed}-{number:06d}",
        source="harbour-post",
        title=title,
        text=f"{title}\n\n{body.strip()}",
        language=language,
        published_at=time,
        ingested_at=time,
    )


def articles(count: int, *, start: int = 0, seed: int = 0, language: str | None = "en") -> Iterator[Article]:
    """Articles `start` to `start + count`."""
    return (article(number, seed=seed, language=language) for number in range(start, start + count))


def _phrase(dice: random.Random, words: int) -> str:
    return " ".join(dice.choice(_WORDS) for _ in range(words))
