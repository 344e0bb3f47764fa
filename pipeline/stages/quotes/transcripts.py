"""Questions and answers: paragraphs that begin with a speaker's label and a colon."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from pipeline.languages.speech import Speech
from pipeline.stages.quotes.decisions import DIRECT, Decision, Rule
from pipeline.stages.quotes.mentions import Mentions
from pipeline.stages.quotes.phrases import NAME, Phrase
from pipeline.text.marks import APOSTROPHES

_REST = rf"[\w.{APOSTROPHES}-]*"
_CAPITALS = rf"[A-Z][A-Z.{APOSTROPHES}-]*(?: [A-Z][A-Z.{APOSTROPHES}-]*){{0,4}}"
_SURNAME = rf"[A-Z][a-z]?[A-Z][A-Z{APOSTROPHES}-]+"  # McALLEN
_STYLED = rf"[A-Z][a-z]{{1,4}}\.? (?:{_SURNAME})(?: {_SURNAME})?"  # Mr TRAFFORD
# What a record of a sitting or a broadcast puts behind a name: ", HOST", " of North Shore", " (voice-over)".
_BEHIND = r"(?:, [A-Z][A-Z .,]{1,40}| of [A-Z][\w ]{1,30})?(?: \([^():\n]{1,40}\))?"
_LABEL = re.compile(
    rf"((?:{_STYLED})|{_CAPITALS}|@\w{{1,30}}|[A-Z][\w{APOSTROPHES}-]+(?: [A-Z]{_REST}){{0,3}}){_BEHIND}:\s+(?=\S)"
)
_LOUD = re.compile(rf"(?:{_STYLED}|{_CAPITALS}|@\w+)\Z")
_LEAST = 3  # labelled paragraphs that make a transcript
_GAP = 6  # unlabelled paragraphs that still belong to the speaker before them


class Transcript:
    """Which paragraphs of an article are turns of a dialogue.

    A transcript has at least three labelled paragraphs and a label that comes twice; labels are in capitals,
    handles, or names of the article's people (so that `Background: ...` is no speaker).
    """

    def __init__(
        self, text: str, spans: Sequence[tuple[int, int]], mentions: Mentions, speech: Speech
    ) -> None:
        self.turns: dict[int, Decision] = {}
        labels = self._labels(text, spans, mentions) if text.count(":") >= _LEAST else {}
        names = [match.group(1) for match in labels.values()]
        if len(names) < _LEAST or len(set(names)) == len(names):
            return
        asked = self._interviewed(names, labels, mentions, speech)
        current: re.Match[str] | None = None
        since = 0
        last = max(labels)
        for number, (start, end) in enumerate(spans[: last + 1]):
            match = labels.get(number)
            current, since = (match, 0) if match else (current, since + 1)
            if current is not None and since <= _GAP:
                turn = _turn(current, match.end() if match else start, end)
                self.turns[number] = turn if asked is None else asked(current.group(1), turn)

    @staticmethod
    def _interviewed(
        names: Sequence[str], labels: Mapping[int, re.Match[str]], mentions: Mentions, speech: Speech
    ) -> Callable[[str, Decision], Decision] | None:
        """Whose the turns of an interview are whose labels are letters: `Q:` nobody's, `A:` the first person's named.

        None where the labels are names.
        """
        if not {name.lower() for name in names} <= speech.question_labels | speech.answer_labels:
            return None
        first = min(match.start() for match in labels.values())
        who = next((m for m in mentions.all if m.is_person and m.end < first), None)

        def resolved(label: str, turn: Decision) -> Decision:
            if who is None or label.lower() in speech.question_labels:
                return replace(turn, kind=None)
            return replace(turn, phrase=Phrase(0, 1, who.start, who.end, NAME, who))

        return resolved

    @classmethod
    def _labels(
        cls, text: str, spans: Sequence[tuple[int, int]], mentions: Mentions
    ) -> dict[int, re.Match[str]]:
        """The speakers' labels with which paragraphs begin, by the numbers of these."""
        matches = ((number, _LABEL.match(text, start, end)) for number, (start, end) in enumerate(spans))
        return {
            number: match
            for number, match in matches
            if match is not None and cls._is_speaker(match, mentions)
        }

    @staticmethod
    def _is_speaker(match: re.Match[str], mentions: Mentions) -> bool:
        if _LOUD.match(match.group(1)):
            return True
        mention = mentions.starting(match.start(1))
        return mention is not None and mention.is_person and mention.end == match.end(1)


def _turn(label: re.Match[str], start: int, end: int) -> Decision:
    phrase = Phrase(0, 1, label.start(1), label.end(1), NAME)
    return Decision(start, end, DIRECT, Rule.TRANSCRIPT, phrase)
