"""Paragraphs to spans of names, with a model of spaCy."""

from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import partial
from hashlib import blake2b
from typing import Any

import spacy

from pipeline.errors import SettingsError
from pipeline.stages.entities.fast.engine import FastRecogniser, UnknownModelError, library_spans
from pipeline.stages.entities.spans import Spans
from pipeline.stages.entities.tokeniser import make_linear

_UNUSED = ("tagger", "parser", "attribute_ruler", "lemmatizer", "morphologizer", "senter", "textcat")

# The library keeps every word it has seen; a worker that runs for weeks would fill its memory with them.
_NEW_WORDS_AT_MOST = 250_000


# What the library may raise for a model whose files are damaged or do not fit together.
_BROKEN = (ValueError, LookupError, TypeError, AttributeError, RuntimeError, ImportError, EOFError)


_LONGEST_REASON = 120
_SAMPLE = "Maria Lindqvist flew from Oslo to Nairobi."


def _broken(model: str, error: Exception) -> SettingsError:
    reason = " ".join(str(error).split())[:_LONGEST_REASON] or type(error).__name__
    return SettingsError(
        f"entity model {model!r} cannot be used ({reason}): install it again, or set PIPELINE_SPACY_MODEL to another"
    )


def load(model: str, language: str) -> Any:
    """Load the part of a spaCy model that recognition needs.

    Raises:
        SettingsError: the model is not installed or broken, is for another language than the one with this code, or
            recognises no entities.
    """
    try:
        with warnings.catch_warnings():
            # A model of the minor version before works; a test holds its entities against what they are.
            warnings.filterwarnings("ignore", r"\[W095\]", UserWarning)
            nlp = spacy.load(model, exclude=_UNUSED)
    except OSError as error:
        raise SettingsError(
            f"entity model {model!r} is not installed: install it with pip, "
            "or set PIPELINE_SPACY_MODEL to one that is"
        ) from error
    except _BROKEN as error:
        raise _broken(model, error) from error
    if nlp.has_pipe("tok2vec") and not nlp.get_pipe("tok2vec").listening_components:
        nlp.remove_pipe("tok2vec")
    make_linear(nlp)
    if nlp.lang != language:
        raise SettingsError(
            f"entity model {model!r} is for the language {nlp.lang!r}, and what it is to read is in {language!r}: set "
            f"PIPELINE_SPACY_MODEL to one for that"
        )
    if "ner" not in nlp.pipe_names:
        raise SettingsError(
            f"entity model {model!r} recognises no entities: set PIPELINE_SPACY_MODEL to one that does"
        )
    return nlp


class Recogniser:
    """Recognises texts in batches and remembers the last ones, since copies of a story share paragraphs.

    The fast path is taken when the model is of a kind that it knows and a check shows that it gives what the
    library gives; otherwise the library's own.

    Args:
        model: the name or path of a spaCy model.
        language: the code of the language that it is to be for.
        cache_paragraphs: how many texts are remembered at most; 0 for none.
    """

    def __init__(self, model: str, *, language: str, cache_paragraphs: int) -> None:
        self._model = model
        self._language = language
        self._room = cache_paragraphs
        self._cache: OrderedDict[bytes, Spans] = OrderedDict()
        self.hits = 0
        self.misses = 0
        self._load()
        meta = self._nlp.meta
        self.model_name = f"{meta['lang']}_{meta['name']} {meta['version']}"

    def _load(self) -> None:
        self._nlp = load(self._model, self._language)
        self._words_at_most = len(self._nlp.vocab) + _NEW_WORDS_AT_MOST
        try:
            self._recognise: Callable[[Sequence[str]], list[Spans]] = FastRecogniser(self._nlp)
        except (UnknownModelError, *_BROKEN) as reason:
            # A model of a kind not thought of may fail in any of these ways; the library knows it.
            self._recognise = partial(library_spans, self._nlp)
            try:
                self._recognise([_SAMPLE])  # lest every article be at fault for the model's vectors
            except _BROKEN as error:
                raise _broken(self._model, error) from error
            self.engine = f"library: {reason}"
        else:
            self.engine = "fast"

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
        found.update(zip(wanted, self._recognise(list(wanted.values())), strict=True))
        self.misses += len(wanted)
        self.hits += len(texts) - len(wanted)
        self._remember({key: found[key] for key in wanted})
        if len(self._nlp.vocab) > self._words_at_most:
            self._load()
        return [found[key] for key in keys]

    def _remember(self, fresh: dict[bytes, Spans]) -> None:
        self._cache.update(fresh)
        while len(self._cache) > self._room:
            self._cache.popitem(last=False)
