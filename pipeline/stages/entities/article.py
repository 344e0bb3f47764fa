"""From the spans of an article's passages to its entities."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.languages.names import Names
from pipeline.record import Article, Entity, Span
from pipeline.record.trusted import trusted
from pipeline.stages.entities.canonicalise import grouped
from pipeline.stages.entities.clean import cleaned
from pipeline.stages.entities.countries import country_code
from pipeline.stages.entities.datelines import dateline
from pipeline.stages.entities.descriptions import role_of, title_of
from pipeline.stages.entities.evidence import settled
from pipeline.stages.entities.extend import extended
from pipeline.stages.entities.gazetteer import is_in_state, spot_of, state_codes, states_meant
from pipeline.stages.entities.headlines import in_headline, is_in_title_case
from pipeline.stages.entities.key import entity_key
from pipeline.stages.entities.mentions import MENTIONS_AT_MOST, PLACES, Mention
from pipeline.stages.entities.passages import Passage, passages, story
from pipeline.stages.entities.places import country_of, stated_country
from pipeline.stages.entities.propagate import propagated
from pipeline.stages.entities.spans import Spans
from pipeline.stages.entities.works import titled
from pipeline.text.folding import fold


def entities_of(
    article: Article, cut: Sequence[Passage], spans: Sequence[Spans], names: Names
) -> tuple[Entity, ...]:
    """The entities of an article, in the order of their first mentions."""
    text = story(article, cut)
    mentions = recognised(cut, spans, names)[:MENTIONS_AT_MOST]
    mentions = propagated(text, mentions, names)[:MENTIONS_AT_MOST]
    mentions = extended(text, mentions, names, unsure=_title_case(cut))[:MENTIONS_AT_MOST]
    mentions = settled(text, mentions, names)
    mentions = titled(mentions, text)
    named = list(grouped(mentions, text, names))
    states = states_meant([name for name, label, _ in named if label in PLACES], names)
    mentioned = frozenset(
        "US" if fold(name) in states else code
        for name, label, _ in named
        if label in PLACES and (code := country_code(name, names))
    )
    at = {mention.start: mention for mention in mentions if mention.label in PLACES}
    entities = []
    for name, label, group in named:
        state, stated = _stated(text, group, at, names)
        if label in PLACES and fold(name) in states:
            stated = "US"
        country = stated or country_of(name, label, mentioned, names)
        fields: dict[str, object] = {
            "name": name,
            "type": label,
            "key": entity_key(name, label),
            "country": country,
            "mentions": tuple([_span(article.text, mention) for mention in group]),
        }
        if label == "PERSON":
            fields["title"], fields["role"] = title_of(group, text), role_of(group, text, names)
        elif country and label in PLACES and (spot := spot_of(name, country, state, names)):
            fields |= spot._asdict()
        entities.append(trusted(Entity, fields))
    return tuple(sorted(entities, key=lambda entity: (entity.mentions[0].start, entity.mentions[0].end)))


def _stated(
    text: str, group: Sequence[Mention], places: dict[int, Mention], names: Names
) -> tuple[str | None, str | None]:
    """The codes of the state and the country that stand right behind a mention, as in `Springfield, Illinois`."""
    for mention in group:
        if mention.label in PLACES and text.startswith(", ", mention.end):
            following = places.get(mention.end + 2)
            if following:
                country = country_code(mention.text, names) or stated_country(following.text, names)
                state = state_codes().get(fold(following.text))
                if state and country != "US" and is_in_state(mention.text, state):
                    country = "US"  # in Georgia, which is a country as well
                return state if country == "US" else None, country
    return None, None


def _span(text: str, mention: Mention) -> Span:
    start, end = mention.start, mention.end
    return trusted(Span, {"start": start, "end": end, "text": text[start:end]})


def recognised(cut: Sequence[Passage], spans: Sequence[Spans], language: Names) -> list[Mention]:
    """What was recognised passage by passage, cleaned, with datelines read and headlines held against the body."""
    mentions: list[Mention] = []
    for passage, found in zip(cut, spans, strict=True):
        if not passage.is_headline:
            mentions += _in_paragraph(passage, found, language)
    for passage, found in zip(cut, spans, strict=True):
        if passage.is_headline:
            names = list(cleaned(passage.start, passage.text, found, language))
            if is_in_title_case(passage.text):
                names = in_headline(passage.start, passage.text, names, mentions, language)
            mentions += names
    return mentions


def _title_case(cut: Sequence[Passage]) -> range:
    """Where capitals mark no names: the headline, if it is in title case."""
    headlines = [passage for passage in cut if passage.is_headline and is_in_title_case(passage.text)]
    return range(headlines[0].start, headlines[0].start + len(headlines[0].text)) if headlines else range(0)


def _in_paragraph(passage: Passage, found: Spans, language: Names) -> list[Mention]:
    names = list(cleaned(passage.start, passage.text, found, language))
    place_and_agency = list(dateline(passage.start, passage.text, language))
    if not place_and_agency:
        return names
    taken = max(mention.end for mention in place_and_agency)
    return place_and_agency + [mention for mention in names if mention.start >= taken]


__all__ = ["entities_of", "passages"]
