"""One passage's spans to mentions: only names, without what clings to them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from pipeline.stages.entities.mentions import NAMED, Mention
from pipeline.stages.entities.persons import title_before, title_length
from pipeline.stages.entities.spans import Spans

_LEADING = re.compile(r"(?:[\s\"“”‘'«»(\[,;:–—-]+|(?:the|an?)\s+)+", re.IGNORECASE)
_TRAILING = re.compile(r"(?:['’]s?|[\s\"“”‘'«»)\],;:!?–—-])+\Z")


def cleaned(offset: int, passage: str, spans: Spans) -> Iterator[Mention]:
    """The mentions of a passage that starts at `offset` of the article."""
    for start, end, label in spans:
        if label in NAMED and (
            mention := _trimmed(Mention(offset + start, offset + end, label, passage[start:end]))
        ):
            yield _untitled(mention, passage[: mention.start - offset]) if label == "PERSON" else mention


def _trimmed(mention: Mention) -> Mention | None:
    left = match.end() if (match := _LEADING.match(mention.text)) else 0
    right = len(match.group()) if (match := _TRAILING.search(mention.text, left)) else 0
    kept = mention.cut(left, right)
    if kept.text.count("(") > kept.text.count(")"):
        kept = kept.cut(right=len(kept.text) - len(kept.text[: kept.text.rindex("(")].rstrip()))
    return kept if any(map(str.isalnum, kept.text)) else None


def _untitled(mention: Mention, before: str) -> Mention:
    cut = title_length(mention.text)
    return replace(mention.cut(left=cut), title=title_before(before + mention.text[:cut]))
