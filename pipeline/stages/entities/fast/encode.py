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
        count, width = rows.shape
        window = np.empty((count, 3 * width), dtype=np.float32)
        window[0, :width] = window[-1, 2 * width :] = 0
        window[1:, :width] = rows[:-1]
        window[:, width : 2 * width] = rows
        window[:-1, 2 * width :] = rows[1:]
        wide = window @ self.weights
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
        self._embed = _embedding(tok2vec)
        if "static_vectors" in names:
            self.columns.append(_WORD)
            self._embed = _embedding_with_vectors(tok2vec, vectors)
        self._blocks = [
            _Block.of(window, maxout, norm)
            for window, maxout, norm, _ in zip(*[iter(parts[rest:-2])] * len(_BLOCK), strict=True)
        ]
        self._out = np.ascontiguousarray(parts[-1].get_param("W").T)
        self._out_bias = parts[-1].get_param("b")
        self._rows: dict[int, int] = {}
        # The system gives memory only to the rows that are written.
        self._table = np.empty((_WORDS_AT_MOST, self._out.shape[0]), dtype=np.float32)

    def __call__(self, features: Hashes, lengths: npt.NDArray[np.intp]) -> Floats:
        """Vectors (tokens, hidden width) of the texts whose tokens' attributes are `features`, end to end.

        Args:
            features: (tokens, columns), the attributes named by `columns`.
            lengths: how many tokens each text has.
        """
        pad = len(self._blocks)
        place = np.arange(len(features)) + pad * np.repeat(np.arange(1, len(lengths) + 1), lengths)
        rows = np.zeros((len(features) + pad * (len(lengths) + 1), self._out.shape[0]), dtype=np.float32)
        rows[place] = self._embedded(features)
        for block in self._blocks:
            block.add_to(rows)
        vectors: Floats = rows[place] @ self._out
        vectors += self._out_bias
        return vectors

    def _embedded(self, features: Hashes) -> Floats:
        mixed = features[:, 0].copy()
        for column in features.T[1:]:
            mixed = (mixed * _MIX) ^ (mixed >> np.uint64(29)) ^ column
        keys: list[int] = mixed.tolist()
        rows = list(map(self._rows.get, keys))
        if None in rows:
            self._learn(keys, features)
            rows = list(map(self._rows.get, keys))
        embedded: Floats = self._table.take(np.array(rows, dtype=np.intp), axis=0)
        return embedded

    def _learn(self, keys: list[int], features: Hashes) -> None:
        """Put those of the words `keys` that are not in the table into it; if they find no room, begin it anew."""
        new = {key: at for at, key in enumerate(keys) if key not in self._rows}
        if len(self._rows) + len(new) > len(self._table):
            self._rows.clear()
            new = {key: at for at, key in enumerate(keys)}
            if len(new) > len(self._table):
                self._table = np.empty((len(new), self._table.shape[1]), dtype=np.float32)
        known = len(self._rows)
        self._table[known : known + len(new)] = self._embed(features[list(new.values())])
        self._rows.update(zip(new, range(known, known + len(new)), strict=True))


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
