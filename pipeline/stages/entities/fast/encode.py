"""Token features to token vectors: the embedding remembered by word, the window convolutions in numpy.

The architecture is that of spaCy's Tok2Vec.v2 with MultiHashEmbed and MaxoutWindowEncoder: the embedding of a
token is a function of its lexical attributes alone (and of the word's vector, where the model has a table of them), so
it is computed once for each word of the language; each of the encoder's layers is a residual block,
`X + layernorm(maxout(window(X)))`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from thinc.types import Ragged

Floats = npt.NDArray[np.float32]
Hashes = npt.NDArray[np.uint64]

_Embed = Callable[[Hashes], Floats]
_WORD = "ORTH"
_BLOCK = ("expand_window", "maxout", "layernorm", "dropout")
_EPSILON = np.float32(1e-8)
_MIX = np.uint64(0x9E3779B97F4A7C15)
_WORDS_AT_MOST = 60_000
_FREQUENT = 12_000  # words: 42 MB in a process that recognises


class UnknownModelError(Exception):
    """The model is of another kind; the library's own path has to be taken."""


def leaves(model: Any) -> Iterator[Any]:
    """The layers of a thinc model that hold no others, in the order in which they are applied."""
    if model.layers:
        for layer in model.layers:
            yield from leaves(layer)
    else:
        yield model


def only(condition: bool, what: str) -> None:
    """Refuse a model that lacks what the fast path relies on."""
    if not condition:
        raise UnknownModelError(what)


@dataclass(frozen=True, slots=True)
class _Block:
    """The weights of a residual block; `pieces` of the maxout are the slow axis of the output."""

    weights: Floats  # (3 * width, pieces * width)
    bias: Floats  # (pieces * width,)
    pieces: int
    scale: Floats  # (width,)
    shift: Floats  # (width,)

    @classmethod
    def of(cls, window: Any, maxout: Any, norm: Any) -> _Block:
        weights, bias = maxout.get_param("W"), maxout.get_param("b")
        out, pieces, width = weights.shape
        only(
            window.attrs["window_size"] == 1 and width == 3 * out,
            "a window that is not one word to each side",
        )
        return cls(
            weights=np.ascontiguousarray(weights.transpose(1, 0, 2).reshape(pieces * out, width).T),
            bias=np.ascontiguousarray(bias.T.reshape(-1)),
            pieces=pieces,
            scale=norm.get_param("G"),
            shift=norm.get_param("b"),
        )

    def add_to(self, rows: Floats) -> None:
        """Apply the block to `rows` (tokens, width) in place; what is outside them counts as zeros."""
        self.add_result(rows, self._products(rows))

    def _products(self, rows: Floats) -> Floats:
        """The window around each row by the weights: (tokens, pieces * width)."""
        count, width = rows.shape
        window = np.empty((count, 3 * width), dtype=np.float32)
        window[0, :width] = window[-1, 2 * width :] = 0
        window[1:, :width] = rows[:-1]
        window[:, width : 2 * width] = rows
        window[:-1, 2 * width :] = rows[1:]
        products: Floats = window @ self.weights
        return products

    def add_result(self, rows: Floats, wide: Floats) -> None:
        """Add to `rows` in place what the block makes of them; `wide`, their products, is used up."""
        width = rows.shape[1]
        wide += self.bias
        out = wide[:, :width]
        for piece in range(1, self.pieces):
            out = np.maximum(out, wide[:, piece * width : (piece + 1) * width])
        share = np.full((width, 1), 1 / width, dtype=np.float32)
        out -= out @ share  # the mean; several times faster than asking for it
        variance = np.einsum("ij,ij->i", out, out) * share[0]
        out *= (1 / np.sqrt(variance + _EPSILON))[:, None]
        out *= self.scale
        out += self.shift
        rows += out


class _Words:
    """The embeddings of words, in a table, and what the first block makes of a word at each place of its window.

    A word before another, the word itself and one behind it are multiplied by weights of their own and added up, so
    that for a word that comes again these products need not be made again. They are kept of the words that come
    first, which are the frequent ones; they take nine times the room of an embedding. Row 0 is what is outside a text.

    Args:
        embed: the embedding, as a function of words' attributes.
        first: the first block.
    """

    def __init__(self, embed: _Embed, first: _Block) -> None:
        self._embed = embed
        self._known: dict[int, int] = {}
        width = len(first.scale)
        # The system gives memory only to the rows that are written.
        self._table = np.zeros((1 + _WORDS_AT_MOST, width), dtype=np.float32)
        self._weights = [np.ascontiguousarray(part) for part in np.split(first.weights, 3)]
        self._products = [
            np.zeros((_FREQUENT, first.weights.shape[1]), dtype=np.float32) for _ in self._weights
        ]

    def rows(self, features: Hashes) -> npt.NDArray[np.intp]:
        """Which row of the table each word has; those that are new get one."""
        mixed = features[:, 0].copy()
        for column in features.T[1:]:
            mixed = (mixed * _MIX) ^ (mixed >> np.uint64(29)) ^ column
        keys: list[int] = mixed.tolist()
        rows = list(map(self._known.get, keys))
        if None in rows:
            self._learn(keys, features)
            rows = list(map(self._known.get, keys))
        return np.array(rows, dtype=np.intp)

    def _learn(self, keys: list[int], features: Hashes) -> None:
        """Put those of the words `keys` that are not in the table into it; if they find no room, begin it anew."""
        new = {key: at for at, key in enumerate(keys) if key not in self._known}
        if 1 + len(self._known) + len(new) > len(self._table):
            self._known.clear()
            new = {key: at for at, key in enumerate(keys)}
            if 1 + len(new) > len(self._table):
                self._table = np.zeros((1 + len(new), self._table.shape[1]), dtype=np.float32)
        begin = 1 + len(self._known)
        behind = begin + len(new)
        self._table[begin:behind] = self._embed(features[list(new.values())])
        frequent = slice(begin, min(behind, _FREQUENT))
        if begin < _FREQUENT:
            for products, weights in zip(self._products, self._weights, strict=True):
                products[frequent] = self._table[frequent] @ weights
        self._known.update(zip(new, range(begin, behind), strict=True))

    def embedded(self, rows: npt.NDArray[np.intp]) -> tuple[Floats, Floats]:
        """The embeddings of words end to end, and the products of the first block for the window around each."""
        embedded: Floats = self._table.take(rows, axis=0)
        (rare,) = np.nonzero(rows >= _FREQUENT)
        near = np.where(rows < _FREQUENT, rows, 0)
        before, products, behind = (
            self._of_place(place, near, rare, embedded) for place in range(len(self._products))
        )
        products[1:] += before[:-1]
        products[:-1] += behind[1:]
        return embedded, products

    def _of_place(
        self, place: int, near: npt.NDArray[np.intp], rare: npt.NDArray[np.intp], embedded: Floats
    ) -> Floats:
        products: Floats = self._products[place].take(near, axis=0)
        if rare.size:
            products[rare] = embedded[rare] @ self._weights[place]
        return products


class Encoder:
    """Computes what the `tok2vec` of a transition-based recogniser computes.

    Args:
        tok2vec: that layer of the model.
        vectors: the pipeline's table of word vectors.

    Raises:
        UnknownModelError: it is of another architecture.
    """

    def __init__(self, tok2vec: Any, vectors: Any) -> None:
        parts = list(leaves(tok2vec))
        names = [part.name for part in parts]
        only(names[0] == "extract_features" and "ragged2list" in names, "an embedding not of words alone")
        rest = names.index("ragged2list") + 1
        depth, odd = divmod(len(parts) - rest - 2, len(_BLOCK))
        only(not odd and names[rest:] == [*_BLOCK * depth, "list2array", "linear"], "another encoder")
        self.columns: list[str] = list(parts[0].attrs["columns"])
        embed = _embedding(tok2vec)
        if "static_vectors" in names:
            self.columns.append(_WORD)
            embed = _embedding_with_vectors(tok2vec, vectors)
        only(depth > 0, "no encoder")
        self._first, *self._rest = [
            _Block.of(window, maxout, norm)
            for window, maxout, norm, _ in zip(*[iter(parts[rest:-2])] * len(_BLOCK), strict=True)
        ]
        self._out = np.ascontiguousarray(parts[-1].get_param("W").T)
        self._out_bias = parts[-1].get_param("b")
        self._words = _Words(embed, self._first)

    def __call__(self, features: Hashes, lengths: npt.NDArray[np.intp]) -> Floats:
        """Vectors (tokens, hidden width) of the texts whose tokens' attributes are `features`, end to end.

        Args:
            features: (tokens, columns), the attributes named by `columns`.
            lengths: how many tokens each text has.
        """
        pad = 1 + len(self._rest)
        place = np.arange(len(features)) + pad * np.repeat(np.arange(1, len(lengths) + 1), lengths)
        words = np.zeros(len(features) + pad * (len(lengths) + 1), dtype=np.intp)
        words[place] = self._words.rows(features)
        rows, products = self._words.embedded(words)
        self._first.add_result(rows, products)
        for block in self._rest:
            block.add_to(rows)
        vectors: Floats = rows[place] @ self._out
        vectors += self._out_bias
        return vectors


def _to_features(tok2vec: Any) -> list[Any]:
    """The layers from the outermost to the one that begins with the extraction of features."""
    path = [tok2vec]
    while path[-1].layers[0].name != "extract_features":
        path.append(path[-1].layers[0])
    return path


def _embedding(tok2vec: Any) -> _Embed:
    """The embedding of a tok2vec model as a function from attributes (words, columns) to vectors."""
    layers = _to_features(tok2vec)[-1].layers[1:]

    def embed(features: Hashes) -> Floats:
        data: Any = [features]
        for layer in layers:
            data = layer.predict(data)
        return data[0]  # type: ignore[no-any-return]

    return embed


def _embedding_with_vectors(tok2vec: Any, vectors: Any) -> _Embed:
    """As `_embedding`, for a model that looks words up in a table too; the last column is the word.

    A word that is not in the table has zeros there.
    """
    *_, whole, both, hashed = _to_features(tok2vec)
    only(len(both.layers) == 2 and both.layers[1].name == "static_vectors", "another use of word vectors")  # noqa: PLR2004
    static = both.layers[1]
    only(static.attrs["key_attr"] == _WORD and vectors.mode == "default", "another table of word vectors")
    weights = static.get_param("W").T

    def embed(features: Hashes) -> Floats:
        data: Any = [np.ascontiguousarray(features[:, :-1])]
        for layer in hashed.layers[1:]:
            data = layer.predict(data)
        rows = vectors.find(keys=features[:, -1])
        looked_up = vectors.data[rows] @ weights
        looked_up[rows < 0] = 0
        data = Ragged(np.concatenate((data.dataXd, looked_up), axis=1), data.lengths)
        for layer in whole.layers[1:]:
            data = layer.predict(data)
        return data[0]  # type: ignore[no-any-return]

    return embed
