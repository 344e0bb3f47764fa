"""Headlines: `Plan is 'reckless' - Li`, `Li: 'We will win'`, and words that the body quotes in full."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipeline.stages.quotes.decisions import HEADLINE, Decision, Rule
from pipeline.stages.quotes.nouns import Nouns
from pipeline.stages.quotes.phrases import NAME, Phrase
from pipeline.stages.quotes.prose import QUOTE, Paragraph
from pipeline.text.marks import DASH_WORDS, QUOTATION

_SUREST = frozenset(
    {
        Rule.BEHIND,
        Rule.BEHIND_NAME,
        Rule.BEFORE,
        Rule.SHARED,
        Rule.HEADLINE_DASH,
        Rule.HEADLINE_COLON,
        Rule.COLON,
    }
)
_AROUND = " .,!?" + QUOTATION
_LEAST = 3  # tokens of a quotation, a colon and a name
_MOST_TITLES = 20
_LONGEST_NAME = 6  # tokens


def signed(paragraph: Paragraph, nouns: Nouns) -> tuple[Rule, Phrase, tuple[int, int]] | None:
    """The name behind a headline's last dash or before its first colon: rule, name, span of what is claimed."""
    behind = _behind_quotation(paragraph, nouns)
    if behind is not None:
        return behind
    count = len(paragraph)
    near = range(count - 2, max(0, count - 2 - _LONGEST_NAME), -1)
    dash = next((k for k in near if paragraph.low[k] in DASH_WORDS), None)
    return _before_colon(paragraph, nouns) if dash is None else _behind_dash(paragraph, nouns, dash)


def _behind_quotation(paragraph: Paragraph, nouns: Nouns) -> tuple[Rule, Phrase, tuple[int, int]] | None:
    """`'We will win': Ann Li on the pier`."""
    if len(paragraph) <= _LEAST or paragraph.tag[0] != QUOTE or paragraph.low[1] != ":":
        return None
    phrase = nouns.starting(2, len(paragraph))
    if phrase is None or phrase.mention is None or not phrase.mention.is_person:
        return None
    return Rule.HEADLINE_COLON, phrase, (paragraph.starts[0], paragraph.stop(0))


def _behind_dash(
    paragraph: Paragraph, nouns: Nouns, dash: int
) -> tuple[Rule, Phrase, tuple[int, int]] | None:
    phrase = nouns.starting(dash + 1, len(paragraph))
    if phrase is None or phrase.shape is not NAME or phrase.hi != len(paragraph):
        return None
    return Rule.HEADLINE_DASH, phrase, (paragraph.starts[0], paragraph.stop(dash - 1))


def _before_colon(paragraph: Paragraph, nouns: Nouns) -> tuple[Rule, Phrase, tuple[int, int]] | None:
    near = range(1, min(len(paragraph) - 1, _LONGEST_NAME))
    colon = next((k for k in near if paragraph.low[k] == ":"), None)
    phrase = nouns.ending(colon - 1, 0) if colon is not None else None
    if colon is None or phrase is None or phrase.shape is not NAME or phrase.lo != 0:
        return None
    return Rule.HEADLINE_COLON, phrase, (paragraph.starts[colon + 1], paragraph.stop(-1))


def headline(
    paragraph: Paragraph, decided: Sequence[Decision], reported: Sequence[Decision], nouns: Nouns
) -> list[Decision]:
    """The decisions for a headline; its quotations are all of kind headline."""
    signature = signed(paragraph, nouns)
    out = [
        d if d.kind is None else replace(d, kind=HEADLINE)
        for d in reported
        if d.rule in _SUREST or d.rule.startswith("indirect") or signature is None
    ]
    if signature is None:
        return out
    rule, phrase, (start, end) = signature
    done = {d.start for d in out}
    out += [
        Decision(a.start, a.end, HEADLINE, rule, phrase, None, a.phrase)
        for a in decided
        if a.start not in done and start <= a.start < end
    ]
    if not decided and phrase.mention is not None and phrase.mention.is_person:
        out.append(Decision(start, end, HEADLINE, rule, phrase, None, None))
    return sorted(out, key=lambda d: d.start)


def echoed(text: str, titles: list[Decision], body: Sequence[Decision]) -> list[Decision]:
    """Give a headline's words that nobody is named for the speaker whom the body quotes with them.

    Words in marks that looked like no quotation become one when the body quotes them.
    """
    if all(map(_is_sure, titles[:_MOST_TITLES])):
        return titles
    spoken = [(_plain(text[d.start : d.end]), d) for d in body if d.phrase is not None and d.kind is not None]
    out = list(titles)
    for n, title in enumerate(titles[:_MOST_TITLES]):
        words = _plain(text[title.start : title.end])
        if words and not _is_sure(title):
            source = next((d for plain, d in spoken if words in plain), None)
            if source is not None:
                out[n] = replace(title.given_to(source, Rule.HEADLINE_BODY), kind=HEADLINE)
    return out


def _is_sure(title: Decision) -> bool:
    return title.phrase is not None and title.rule in _SUREST


def _plain(quoted: str) -> str:
    return " ".join(quoted.strip(_AROUND).lower().split())
