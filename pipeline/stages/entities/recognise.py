"""Paragraphs to spans of names, with a model of spaCy."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

import spacy

from pipeline.errors import SettingsError

Spans = tuple[tuple[int, int, str], ...]
"""(start, end, label) in code points of one paragraph, in order, not overlapping."""

_UNUSED = ("tagger", "parser", "attribute_ruler", "lemmatizer", "morphologizer", "senter", "textcat")


def load(model: str) -> Any:
    """Load the part of a spaCy model that recognition needs.

    Raises:
        SettingsError: the model is not installed, or recognises no entities.
    """
    try:
        nlp = spacy.load(model, exclude=_UNUSED)
    except OSError as error:
        raise SettingsError(
            f"entity model {model!r} is not installed: install it with pip, "
            "or set PIPELINE_SPACY_MODEL to one that is"
        ) from error
    if "ner" not in nlp.pipe_names:
        raise SettingsError(
            f"entity model {model!r} recognises no entities: set PIPELINE_SPACY_MODEL to one that does"
        )
    return nlp


def library_spans(nlp: Any, texts: Sequence[str]) -> list[Spans]:
    """Recognise by the library's own path."""
    return [
        tuple((entity.start_char, entity.end_char, entity.label_) for entity in doc.ents)
        for doc in nlp.pipe(texts)
    ]


class Recogniser:
    """Recognises paragraphs in batches and remembers the last ones, since copies of a story share them.

    Args:
        model: the name or path of a spaCy model.
        cache_paragraphs: how many paragraphs are remembered at most; 0 for none.
    """

    def __init__(self, model: str, *, cache_paragraphs: int) -> None:
        self._nlp = load(model)
        self._room = cache_paragraphs
        self._cache: OrderedDict[bytes, Spans] = OrderedDict()
        self.hits = 0
        self.misses = 0
        meta = self._nlp.meta
        self.model_name = f"{meta['lang']}_{meta['name']} {meta['version']}"

    def spans(self, texts: Sequence[str]) -> list[Spans]:
        """The spans of each text, in order."""
        keys = [blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest() for text in texts]
        found: dict[bytes, Spans] = {}
        wanted: dict[bytes, str] = {}
        for key, text in zip(keys, texts, strict=True):
            if key in self._cache:
                self._cache.move_to_end(key)
                found[key] = self._cache[key]
            else:
                wanted.setdefault(key, text)
        found.update(zip(wanted, library_spans(self._nlp, list(wanted.values())), strict=True))
        self.misses += len(wanted)
        self.hits += len(texts) - len(wanted)
        self._remember({key: found[key] for key in wanted})
        return [found[key] for key in keys]

    def _remember(self, fresh: dict[bytes, Spans]) -> None:
        self._cache.update(fresh)
        while len(self._cache) > self._room:
            self._cache.popitem(last=False)
