"""From the words that refer to a speaker to the full name, through the article's entities."""

from __future__ import annotations

from bisect import bisect_left

from pipeline.models import Entity, ResolvedBy, Speaker
from pipeline.stages.quotes import lexicon
from pipeline.stages.quotes.mentions import Mention, Mentions
from pipeline.stages.quotes.nouns import Phrase, Shape

_MALE, _FEMALE = frozenset({"he", "him", "his"}), frozenset({"she", "her", "hers"})
_SPEAKING_BODIES = frozenset({"ORG", "GPE", "NORP"})
_REACH = 60
_INVENTED = 0


class Cast:
    """The people and bodies of one article, and what is known of each."""

    def __init__(self, mentions: Mentions, text: str) -> None:
        self.text = text
        self.mentions = mentions
        self.starts = [m.start for m in mentions.all]
        self._sex: dict[int, str | None] = {}
        self.spoken: list[tuple[int, str]] = []

    # -- what is known of a person -----------------------------------------------------------------------------

    def sex(self, entity: Entity) -> str | None:
        """male, female or None, by honorific, then given name, then the pronouns that follow."""
        key = id(entity)
        if key not in self._sex:
            self._sex[key] = self._guess_sex(entity)
        return self._sex[key]

    def _guess_sex(self, entity: Entity) -> str | None:
        for span in entity.mentions:
            before = self.text[max(0, span.start - 24) : span.start].lower().replace(".", " ").split()
            first = span.text.split()[0].lower().rstrip(".")
            for word in (first, *(before[-1:])):
                if word in lexicon.role_set("male_honorifics") or word in lexicon.role_set("male_nouns"):
                    return "male"
                if word in lexicon.role_set("female_honorifics") or word in lexicon.role_set("female_nouns"):
                    return "female"
        for word in entity.name.lower().replace(".", " ").split()[:-1]:
            if word in lexicon.given_names("male"):
                return "male"
            if word in lexicon.given_names("female"):
                return "female"
        return None

    # -- resolution --------------------------------------------------------------------------------------------

    def resolve(self, phrase: Phrase) -> Speaker | None:
        """The speaker with a full name, None if the words refer to nobody that can be named or described."""
        text = self.text[phrase.start : phrase.end]
        if not text.strip():
            return None
        if phrase.shape is Shape.NAME:
            return self._named(phrase, text)
        if phrase.shape is Shape.NOMINAL:
            return self._described(phrase, text)
        entity = self._antecedent(phrase, text.lower())
        if entity is None:
            return None
        by = ResolvedBy.PRONOUN
        self.spoken.append((phrase.start, entity.name))
        return self._speaker(phrase, text, entity.name, by)

    def _speaker(self, phrase: Phrase, text: str, name: str, by: ResolvedBy) -> Speaker:
        return Speaker(start=phrase.start, end=phrase.end, text=text, name=name, resolved_by=by)

    def _named(self, phrase: Phrase, text: str) -> Speaker:
        entity = phrase.mention.entity if phrase.mention else self._by_words(text)
        name = entity.name if entity else " ".join(text.split())
        self.spoken.append((phrase.start, name))
        body = entity is not None and entity.type != "PERSON"
        return self._speaker(phrase, text, name, ResolvedBy.ORGANISATION if body else ResolvedBy.NAME)

    def _by_words(self, text: str) -> Entity | None:
        words = text.replace(".", "").split()
        honorifics = lexicon.role_set("honorifics")
        while len(words) > 1 and words[0].lower() in honorifics:
            words.pop(0)
        best: Entity | None = None
        for mention in self.mentions.all:
            if mention.is_person and mention.entity.name.split()[-1] == words[-1]:
                best = mention.entity
                break
        return best

    def _described(self, phrase: Phrase, text: str) -> Speaker:
        flat = " ".join(text.split())
        words = [w.strip("'’.,").lower() for w in flat.split()]
        entity = self._by_role(phrase, words)
        if entity is not None:
            self.spoken.append((phrase.start, entity.name))
            return self._speaker(phrase, text, entity.name, ResolvedBy.TITLE)
        bodies = lexicon.role_set("body_nouns")
        inside = self._mention_inside(phrase)
        if inside is not None and words[-1] in bodies and inside.entity.type in _SPEAKING_BODIES:
            return self._speaker(phrase, text, flat, ResolvedBy.ORGANISATION)
        by = (
            ResolvedBy.ORGANISATION
            if words[-1] in bodies and not self._anonymous(words)
            else ResolvedBy.ANONYMOUS
        )
        return self._speaker(phrase, text, flat, by)

    def _anonymous(self, words: list[str]) -> bool:
        return any(word in lexicon.role_set("anonymous_marks") for word in words)

    def _mention_inside(self, phrase: Phrase) -> Mention | None:
        at = bisect_left(self.starts, phrase.start)
        if at < len(self.starts) and self.starts[at] < phrase.end:
            return self.mentions.all[at]
        return None

    def _by_role(self, phrase: Phrase, words: list[str]) -> Entity | None:
        """The person that an earlier apposition or title gave this role: `the prime minister`."""
        if not words or words[0] not in {"the", "this", "that"}:
            return None
        head = [w for w in words[1:] if w not in {"former", "then"}]
        if not head or head[-1] not in lexicon.role_set("person_nouns"):
            return None
        key = " ".join(head)
        for end in range(bisect_left(self.starts, phrase.start) - 1, -1, -1):
            mention = self.mentions.all[end]
            if not mention.is_person:
                continue
            before = self.text[max(0, mention.start - 60) : mention.start].lower()
            after = self.text[mention.end : mention.end + 80].lower()
            if before.rstrip(" ,").endswith(key) or after.startswith(
                (", the " + key, ", " + key, ", a " + key)
            ):
                return mention.entity
        return self._recent(phrase, None, words[-1])

    def _recent(self, phrase: Phrase, sex: str | None, role: str) -> Entity | None:
        return None

    def _antecedent(self, phrase: Phrase, word: str) -> Entity | None:
        if phrase.shape is Shape.RELATIVE:
            return self._relative(phrase)
        sex = "male" if word in _MALE else "female" if word in _FEMALE else None
        at = bisect_left(self.starts, phrase.start) - 1
        if sex is None:
            if word not in {"it", "they", "its", "their"}:
                return None
            for k in range(at, max(-1, at - _REACH), -1):
                mention = self.mentions.all[k]
                if mention.entity.type == "ORG":
                    return mention.entity
            return None
        candidates: dict[str, tuple[float, Entity]] = {}
        for k in range(at, max(-1, at - _REACH), -1):
            mention = self.mentions.all[k]
            if not mention.is_person or (self.sex(mention.entity) or sex) != sex:
                continue
            score = self._salience(mention, phrase.start)
            known = candidates.get(mention.entity.name)
            if known is None or score > known[0]:
                candidates[mention.entity.name] = (score, mention.entity)
        for start, name in self.spoken[-3:]:
            if name in candidates and start < phrase.start:
                score, entity = candidates[name]
                candidates[name] = (score + 1.0, entity)
        if not candidates:
            return None
        return max(candidates.values(), key=lambda item: item[0])[1]

    def _salience(self, mention: Mention, offset: int) -> float:
        between = self.text[mention.end : offset] if offset - mention.end < 3000 else ""
        if not between:
            return -10.0
        paragraphs = between.count("\n\n") or between.count("\n")
        score = -1.2 * paragraphs - (offset - mention.end) / 600
        before = self.text[max(0, mention.start - 2) : mention.start]
        if not before.strip() or before[-2:-1] in ".\n" or before.endswith("\n"):
            score += 1.0
        return score

    def _relative(self, phrase: Phrase) -> Entity | None:
        at = bisect_left(self.starts, phrase.start) - 1
        if at >= 0 and phrase.start - self.mentions.all[at].end < 40:
            return self.mentions.all[at].entity
        return None
