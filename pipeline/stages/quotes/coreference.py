"""The people and bodies of one article: who can be meant by `he`, by `the minister`, by a bare surname."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import cache, cached_property
from operator import attrgetter

from pipeline.languages import Sex
from pipeline.languages.speech import Speech
from pipeline.record import Entity
from pipeline.stages.quotes.mentions import Mention, Mentions
from pipeline.stages.quotes.person_names import WORD, bare, sex_of_name, surname, without_titles
from pipeline.text.marks import APOSTROPHES, CLOSES, DOUBLE, OPENS

_is_person = attrgetter("is_person")
_REACH = 40  # mentions looked back at
_A_PARAGRAPH = 1500  # characters that weigh as much as a paragraph
_PARAGRAPHS = 8  # paragraphs after which a name is out of mind
# It begins with a set of characters, which the engine finds fast.
# Words of bounded length, lest a heap of apostrophes be read to its end from each letter in it.
_REST = rf"[\w{APOSTROPHES}-]{{1,60}}+"
_CAPITALISED = re.compile(rf"[A-Z](?<!\w.){_REST}\.? (?:[A-Z]{_REST}\.? )?[A-Z]{_REST}")
# A sentence's end, then nothing but capitalised words (titles, given names) up to the mention.
_OPENING = re.compile(rf"(?:[.!?][{CLOSES}]?\s|\n)\s*(?:[A-Z][\w.]*\s)*\Z")
_SENTENCE_END = re.compile(rf"[.!?][{CLOSES}]?\s+(?=[A-Z{OPENS}])")
_LONGEST_SENTENCE = (
    400  # characters of the sentence whose subject may be meant, and of what stands before the pronoun
)
_SHORT_FORM = re.compile(r" \([^()\n]{1,60}\)")
_APPOSITION_ENDS = frozenset({"", ".", ",", ";", "\n"})
# A sentence's end, then some words up to the mention: `Retired general `.
_DESCRIBED = re.compile(rf"(?:[.!?][{CLOSES}]?\s|\n)\s*((?:[\w-]{{1,30}}\s){{1,4}})\Z")
_FIRSTWORDS = 4  # among which the subject of a sentence stands
_NEAR_START = 20  # characters from the beginning of the article within which a name is its subject
_NAMESAKES = 20  # people of one surname who are told apart
_BEFORE, _AFTER = 48, 64  # characters around a mention in which a title may stand
_BREAK = re.compile(rf"[,.;:\n{DOUBLE}()]")

# How much each sign speaks for a person as the one meant by a pronoun; only the order and rough sizes matter.
_PER_PARAGRAPH = 1.0
_OPENS_SENTENCE = 1.0
_SPOKE_LAST = 1.5
_SUBJECT_BEFORE = 1.7
_IN_QUOTES = -1.5
_OFTEN = 0.8
_UNKNOWN_SEX = 2.0
_UNKNOWN_SEX_OF_SUBJECT = 1.0  # of whoever the sentence before is about
# More than the most that can speak for anybody: by number, place, turn, and an overlap with the pronoun.
_MOST_SALIENT = _OFTEN + _OPENS_SENTENCE + _SPOKE_LAST + _SUBJECT_BEFORE + 1.0
_HONORIFIC = 10  # characters in which an honorific stands in front of a name


class Coreference:
    """Who is in an article, with what is known of each.

    Args:
        mentions: the article's entity mentions.
        text: the article.
        paragraphs: the start offset of each paragraph, ascending.
        quoted: the offsets of what stands in quotation marks, ascending.
        speech: what is known of the language.
    """

    def __init__(
        self,
        mentions: Mentions,
        text: str,
        paragraphs: Sequence[int],
        quoted: Sequence[tuple[int, int]],
        speech: Speech,
    ) -> None:
        self.text = text
        self.speech = speech
        self.mentions = mentions
        self.paragraphs = paragraphs
        self.starts = [m.start for m in mentions.all]
        self.quoted = quoted
        self.last_speaker: str | None = None
        self._places: dict[int, tuple[int, float]] = {}
        self._sex: dict[int, Sex | None] = {}
        self._titles: dict[int, frozenset[str]] = {}
        self._fuller: dict[str, str] = {}

    # -- what is known of a person -----------------------------------------------------------------------------

    def sex(self, entity: Entity) -> Sex | None:
        """That of a person, as far as it is known: by given name, then by honorific."""
        key = id(entity)
        if key not in self._sex:
            self._sex[key] = self._guess_sex(entity)
        return self._sex[key]

    def _guess_sex(self, entity: Entity) -> Sex | None:
        known = sex_of_name(entity.name, self.speech)
        if known is not None:
            return known
        for span in entity.mentions:
            near = (
                WORD.findall(self.text[max(0, span.start - 16) : span.start])[-1:]
                + WORD.findall(span.text)[:1]
            )
            for word in near:
                if (told := self.speech.sex_of_title.get(word.lower())) is not None:
                    return told
        return None

    def titles(self, entity: Entity) -> frozenset[str]:
        """The role nouns that stand with the entity's names: `president`, `minister`."""
        key = id(entity)
        if key not in self._titles:
            self._titles[key] = frozenset(
                word
                for span in entity.mentions
                for phrase in self._roles(span.start, span.end)
                for word in phrase
            )
        return self._titles[key]

    def _roles(self, start: int, end: int) -> list[list[str]]:
        """The words of the titles right in front of a mention and in the apposition behind it."""
        found = []
        before = _BREAK.split(self.text[max(0, start - _BEFORE) : start])[-1]
        words = WORD.findall(before)
        if words and words[-1].lower() in self.speech.person_nouns:
            found.append([w.lower() for w in words])
        apposition = _role_after(self.speech).match(self.text, end, end + _AFTER)
        if apposition is not None:
            after = [w.lower() for w in WORD.findall(apposition.group(1))]
            if not self.speech.person_nouns.isdisjoint(after):
                found.append(after)
        return found

    # -- who is meant ------------------------------------------------------------------------------------------

    def by_words(self, text: str) -> Entity | None:
        """The person meant by a surname, a handle, a label in capitals, or an honorific with a given name."""
        if text.startswith("@"):
            return self._handles.get(text[1:].lower())
        all_words = WORD.findall(text.title() if text.isupper() else text)
        words = [w for w in all_words if w.lower() not in self.speech.honorifics]
        if not words:
            return None
        found = self._surnames.get(words[-1])
        if found is None and len(words) == 1 < len(all_words):
            found = self._given_names.get(words[0])
        return found

    def inside(self, start: int, end: int) -> Entity | None:
        """The person in the midst of a title and a body: `Inspector Ann Li of Port Police`."""
        for mention in self.mentions.all[bisect_left(self.starts, start) : bisect_left(self.starts, end)]:
            if mention.is_person and mention.end <= end:
                return mention.entity
        return None

    def namesake(self, entity: Entity, offset: int) -> Entity:
        """The person of the same surname whom the honorific in front of `offset` fits, if it doesn't fit `entity`."""
        near = self.text[max(0, offset - _HONORIFIC) : offset]
        if near.islower():
            return entity
        before = WORD.findall(near)
        wanted = (
            self.speech.sex_of_title.get(before[-1].lower()) if before and before[-1][0].isupper() else None
        )
        if wanted is None or self.sex(entity) in (None, wanted):
            return entity
        others = self._bearers.get(surname(entity), ())[:_NAMESAKES]
        return next((other for other in others if self.sex(other) == wanted), entity)

    @cached_property
    def _bearers(self) -> dict[str, list[Entity]]:
        """Surname -> the people known by a longer name that ends with it."""
        found: dict[str, dict[int, Entity]] = {}
        for mention in self.mentions.all:
            if mention.is_person and " " in mention.entity.name:
                found.setdefault(surname(mention.entity), {})[id(mention.entity)] = mention.entity
        return {surname: list(people.values()) for surname, people in found.items()}

    def named_behind(self, offset: int) -> Entity | None:
        """The person in apposition behind a description that ends at `offset`: `the mayor, Ann Li`.

        A short form in brackets may stand between: `the head of the Harbour Fund (HF), Ann Li`.
        """
        bracket = _SHORT_FORM.match(self.text, offset)
        offset = bracket.end() if bracket is not None else offset
        if self.text[offset : offset + 2] != ", ":
            return None
        offset += 2
        title = WORD.match(self.text, offset)
        mention = self.mentions.starting(offset)
        if mention is None and title is not None and title.group().lower() in self.speech.honorifics:
            mention = self.mentions.starting(self.text.find(" ", title.end(), title.end() + 3) + 1)
        if mention is None:
            return None
        ends = self.text[mention.end : mention.end + 1] in _APPOSITION_ENDS
        return mention.entity if mention.is_person or (mention.entity.type == "ORG" and ends) else None

    def body(self, words: Sequence[str]) -> Entity | None:
        """The organisation that `the trust` or `the guild` is short for: the only one with that word in its name."""
        if len(words) != 2 or words[1] not in self.speech.body_nouns:  # noqa: PLR2004 - article and noun
            return None
        fits = self._bodies.get(words[1], {})
        return next(iter(fits.values())) if len(fits) == 1 else None

    @cached_property
    def _bodies(self) -> dict[str, dict[str, Entity]]:
        found: dict[str, dict[str, Entity]] = {}
        for mention in self.mentions.all:
            if mention.entity.type == "ORG":
                for word in WORD.findall(mention.entity.name.lower()):
                    found.setdefault(word, {})[mention.entity.name] = mention.entity
        return found

    @cached_property
    def _handles(self) -> dict[str, Entity]:
        return {
            "".join(WORD.findall(m.entity.name)).lower(): m.entity for m in self.mentions.all if m.is_person
        }

    @cached_property
    def _given_names(self) -> dict[str, Entity]:
        people = [m.entity for m in reversed(self.mentions.all) if m.is_person and " " in m.entity.name]
        return {entity.name.split()[0]: entity for entity in people}

    @cached_property
    def _surnames(self) -> dict[str, Entity]:
        people = [m.entity for m in reversed(self.mentions.all) if m.is_person]
        return {surname(entity): entity for entity in people}

    def without_titles(self, name: str) -> str:
        """A name that no entity has, without what stands in front of it where more than one word is left."""
        words = without_titles(name, self.speech)
        return " ".join(words if len(words) > 1 else name.split())

    def fuller(self, name: str) -> str:
        """The name with the given name that stands with it elsewhere in the article, else as it is."""
        if " " in name:
            return name
        if name not in self._fuller:
            known = (without_titles(run, self.speech) for run in self._capitalised.get(name, ()))
            self._fuller[name] = next((" ".join(words) for words in known if len(words) > 1), name)
        return self._fuller[name]

    @cached_property
    def _capitalised(self) -> dict[str, list[str]]:
        """The runs of capitalised words of the text by their last words."""
        found: dict[str, list[str]] = {}
        for run in _CAPITALISED.findall(self.text):
            found.setdefault(bare(run.rsplit(None, 1)[-1]), []).append(run)
        return found

    def by_role(self, words: Sequence[str], offset: int) -> Entity | None:
        """The person meant by `the prime minister` at `offset`: so titled before, else the one in focus."""
        wanted = [w for w in words if w not in self.speech.without_role]
        if not wanted or wanted[-1] not in self.speech.person_nouns:
            return None
        role, offices = wanted[-1], self.speech.offices
        fits: list[Mention] = []
        for mention in self._before(offset):
            titles = self.titles(mention.entity)
            if titles.issuperset(wanted):
                return mention.entity
            if role in offices and offices.isdisjoint(titles) and self._sex_fits(mention.entity, role):
                fits.append(mention)
        if not fits:
            return None
        here = self._paragraph(offset)
        best = max(fits, key=lambda mention: self._salience(mention, offset, here))
        near = here - self._paragraph(best.start) <= 1
        return best.entity if near and self._weight(best.entity) >= _OFTEN / 2 else None

    def in_focus(self, offset: int) -> Entity | None:
        """The person who is spoken of at an offset, as far as the paragraph and the one before it say."""
        here = self._paragraph(offset)
        near = [m for m in self._before(offset) if here - self._paragraph(m.start) <= 1]
        best = max(near, key=lambda mention: self._salience(mention, offset, here), default=None)
        return None if best is None else best.entity

    def several_before(self, offset: int) -> str | None:
        """The people with whom the sentence before begins, as it calls them: `Analysts expect … They say`."""
        before = self.text[max(0, offset - _LONGEST_SENTENCE) : offset].rpartition("\n")[2].rstrip()
        at = max((m.end() for m in _SENTENCE_END.finditer(before)), default=0)
        words = before[at:].split()[:_FIRSTWORDS]
        for number, word in enumerate(words):
            low = word.lower()
            if low in self.speech.speakers and low.endswith(self.speech.plural_ending):
                return " ".join(words[: number + 1])
        return None

    def _sex_fits(self, entity: Entity, role: str) -> bool:
        wanted = self.speech.sex_of_title.get(role)
        return wanted is None or (self.sex(entity) or wanted) == wanted

    def by_pronoun(self, word: str, offset: int) -> Entity | None:
        """The person meant by `he` or `she` at `offset`, the body meant by `it`; None where nobody fits."""
        sex = self.speech.sex_of_pronoun.get(word)
        if sex is None:
            return self._body(offset) if word in self.speech.thing_pronouns else None
        here = self._paragraph(offset)
        best: Entity | None = None
        most = -float(_PARAGRAPHS)
        for mention in self._before(offset):
            away = here - self._place(mention)[0]
            if _MOST_SALIENT - _PER_PARAGRAPH * away <= most:
                break  # nobody further away can be more salient
            known = self.sex(mention.entity)
            if known is not None and known is not sex:
                continue
            score = self._salience(mention, offset, here)
            if known is None:
                score -= _UNKNOWN_SEX_OF_SUBJECT if self._is_subject_before(mention, offset) else _UNKNOWN_SEX
            if score > most:
                best, most = mention.entity, score
        if best is not None:
            self._sex[id(best)] = sex  # what the text says once holds for the rest of it
        return best

    def _before(self, offset: int) -> Iterator[Mention]:
        """The mentions of people in front of an offset, the nearest first."""
        at = bisect_left(self.starts, offset)
        return filter(_is_person, reversed(self.mentions.all[max(0, at - _REACH) : at]))

    def _body(self, offset: int) -> Entity | None:
        at = bisect_left(self.starts, offset)
        for mention in reversed(self.mentions.all[max(0, at - _REACH) : at]):
            if mention.entity.type == "ORG" and self._paragraph(offset) - self._paragraph(mention.start) <= 1:
                return mention.entity
        return None

    def _paragraph(self, offset: int) -> int:
        return bisect_right(self.paragraphs, offset)

    def _weight(self, entity: Entity) -> float:
        return _OFTEN * min(1.0, len(entity.mentions) / 5)

    def _salience(self, mention: Mention, offset: int, here: int) -> float:
        """How much speaks for a mention as the antecedent of words at `offset` in the paragraph `here`."""
        paragraph, standing = self._place(mention)
        score = standing - _PER_PARAGRAPH * (here - paragraph) - (offset - mention.end) / _A_PARAGRAPH
        if mention.entity.name == self.last_speaker:
            score += _SPOKE_LAST
        if paragraph == here and self._is_subject_before(mention, offset):
            score += _SUBJECT_BEFORE
        return score

    def _is_subject_before(self, mention: Mention, offset: int) -> bool:
        """Whether a mention opens the sentence in front of the one that holds `offset`."""
        if offset - mention.end > _LONGEST_SENTENCE or not self._opens_sentence(mention.start):
            return False
        # The pattern looks at the letter behind the end, which may be the pronoun's own.
        return len(_SENTENCE_END.findall(self.text, mention.end, offset + 1)) == 1

    def _place(self, mention: Mention) -> tuple[int, float]:
        """What is the same wherever one looks from: a mention's paragraph and standing."""
        place = self._places.get(mention.start)
        if place is None:
            place = (self._paragraph(mention.start), self._standing(mention))
            self._places[mention.start] = place
        return place

    def _standing(self, mention: Mention) -> float:
        """The part of a mention's salience that is the same wherever one looks from."""
        score = self._weight(mention.entity)
        if self._opens_sentence(mention.start):
            score += _OPENS_SENTENCE
        if self._in_quotes(mention.start):
            score += _IN_QUOTES
        return score

    def _opens_sentence(self, start: int) -> bool:
        if start < _NEAR_START or _OPENING.search(self.text, max(0, start - 24), start) is not None:
            return True
        described = _DESCRIBED.search(self.text, max(0, start - _BEFORE), start)
        words = described.group(1).lower().split() if described else [""]
        return words[-1] in self.speech.person_nouns

    def _in_quotes(self, offset: int) -> bool:
        at = bisect_right(self.quoted, (offset, len(self.text))) - 1
        return at >= 0 and offset < self.quoted[at][1]


@cache
def _role_after(speech: Speech) -> re.Pattern[str]:
    """The words between a comma behind a name and the next mark: `, the mayor of Leeds,`."""
    before = "|".join(re.escape(word.replace("_", " ")) for word in sorted(speech.before_role))
    skipped = rf"(?:(?:{before})\s+)?" if before else ""
    return re.compile(rf"\s*,\s+{skipped}([^,.;:\n]{{3,60}})(?=[,.;\n])")
