"""The fast path put together, and held against the library's before it is trusted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from spacy.pipeline import EntityRecognizer

from pipeline.stages.entities.fast.decode import Decoder
from pipeline.stages.entities.fast.encode import Encoder, Hashes, UnknownModelError, only
from pipeline.stages.entities.spans import Spans

_TOKENS_AT_ONCE = 1024  # so that a layer's arrays stay in the processor's cache

# Stretches between spaces whose tokens are remembered. The library stops at 10,000, which a day's news exceeds,
# and cuts every other word anew by its patterns.
_CHUNKS_AT_MOST = 100_000

_CLOSE = 1e-3  # other orders of summation differ by less than 1e-4; another formula by far more

_SAMPLES = (
    "Maria Lindqvist, the Norwegian foreign minister, flew from Oslo to Nairobi on 3 March 2024.",
    "",
    "Shares of Brightwater Holdings Inc. fell 12.5% to $41.20 after the European Central Bank's warning",
    "“We won't go back to the Old Harbour Bridge,” said Mr. J. P. Okafor Jr. — twice in 48 hours!",
    "U.S. President Ann Teller  signed the Clean Rivers Act in Springfield, Ill., at 9 a.m. local time.\t",
    "three hundred guests, most of them French, sang The Ballad of the Lost Mill before the World Cup final",
    "x",
)


class FastRecogniser:
    """Recognises texts with the weights of a spaCy pipeline, but not with its code.

    Args:
        nlp: the pipeline, holding nothing but its tokeniser and `ner`.

    Raises:
        UnknownModelError: the model is of another kind, or the results are not those of the library.
    """

    def __init__(self, nlp: Any) -> None:
        only(nlp.pipe_names == ["ner"], "components beside the recogniser")
        ner = nlp.get_pipe("ner")
        only(type(ner) is EntityRecognizer and ner.cfg.get("beam_width") == 1, "another recogniser")
        only(
            ner.model.attrs.get("has_upper", False) and not ner.model.attrs["unseen_classes"],
            "another decoder",
        )
        nlp.tokenizer.max_cache_size = _CHUNKS_AT_MOST
        self._tokenise = nlp.make_doc
        self._encode = Encoder(ner.model.get_ref("tok2vec"), nlp.vocab.vectors)
        actions = [ner.moves.get_class_name(at) for at in range(ner.moves.n_moves)]
        self._decode = Decoder(ner.model.get_ref("lower"), ner.model.get_ref("upper"), actions)
        self._columns = [*self._encode.columns, "IS_SPACE"]
        docs = [doc for doc in map(nlp.make_doc, _SAMPLES) if len(doc)]
        theirs = ner.model.get_ref("tok2vec").predict(docs)
        ours = self._encode(self._features(docs)[:, :-1], np.array([len(doc) for doc in docs]))
        only(np.allclose(ours, theirs, atol=_CLOSE), "other vectors than the library's")
        only(self(_SAMPLES) == library_spans(nlp, _SAMPLES), "other entities than the library's")

    def __call__(self, texts: Sequence[str]) -> list[Spans]:
        """The spans of each text, in order."""
        found: list[Spans] = []
        for docs in _batches(map(self._tokenise, texts)):
            found += self._recognise(docs)
        return found

    def _features(self, docs: list[Any]) -> Hashes:
        return np.concatenate([doc.to_array(self._columns) for doc in docs])

    def _recognise(self, docs: list[Any]) -> Iterator[Spans]:
        filled = [doc for doc in docs if len(doc)]
        spans: dict[int, list[tuple[int, int, str]]] = {}
        if filled:
            lengths = np.array([len(doc) for doc in filled])
            features = self._features(filled)
            vectors = self._encode(features[:, :-1], lengths)
            starts = np.cumsum(lengths) - lengths
            entities = self._decode(vectors, lengths, features[:, -1] != 0)
            owners = np.searchsorted(starts, [first for first, _, _ in entities], side="right") - 1
            for (first, behind, label), owner in zip(entities, owners.tolist(), strict=True):
                doc, start = filled[owner], int(starts[owner])
                last = doc[behind - 1 - start]
                spans.setdefault(id(doc), []).append((doc[first - start].idx, last.idx + len(last), label))
        return (tuple(spans.get(id(doc), ())) for doc in docs)


def library_spans(nlp: Any, texts: Sequence[str]) -> list[Spans]:
    """The spans of each text, by the library's own path."""
    return [
        tuple((entity.start_char, entity.end_char, entity.label_) for entity in doc.ents)
        for doc in nlp.pipe(texts)
    ]


def _batches(docs: Iterator[Any]) -> Iterator[list[Any]]:
    batch: list[Any] = []
    tokens = 0
    for doc in docs:
        batch.append(doc)
        tokens += len(doc)
        if tokens >= _TOKENS_AT_ONCE:
            yield batch
            batch, tokens = [], 0
    if batch:
        yield batch


__all__ = ["FastRecogniser", "UnknownModelError", "library_spans"]
