"""The stage `keywords`: the words that an article says most often, without those that every article says."""

from __future__ import annotations

import re
from collections import Counter

from pydantic import JsonValue

from pipeline.record import EnrichedArticle
from pipeline.stages.annotations import Annotator

MOST = 5

_WORD = re.compile(r"[^\W\d_]{3,}")
_COMMON = """
about after again all also and any are because been before being between both but can could did does down each even
every for from had has have her here him his how into its just like made make many may might more most much must not
now off one only other our out over said same say says she should since some still such than that the their them then
there these they this those through too two under until very was were what when where which while who will with would
yet you your
"""
_SAID_BY_EVERYBODY = frozenset(_COMMON.split())


class KeywordStage(Annotator):
    """Annotates English articles with up to MOST words, the most frequent first; as they come where they draw."""

    name = "keywords"

    def annotate(self, record: EnrichedArticle) -> JsonValue:
        """The words in lower case; None for an article in another language, whose common words are not known here."""
        if record.article.language != "en":
            return None
        words = _WORD.findall(record.article.text.lower())
        counted = Counter(word for word in words if word not in _SAID_BY_EVERYBODY)
        return [word for word, _ in counted.most_common(MOST)]
