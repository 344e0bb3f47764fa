"""The greedy decisions of spaCy's transition-based recogniser, for all tokens of a batch at once.

The library's decoder reads a text token by token. Its state is small: the token that is next, and the first
token and label of the entity that is open, if one is. So the decision of a token at which no entity is open
depends on that token alone and can be taken for every token beforehand; and the course of an entity that begins
at a token depends on nothing before it, so all entities that might begin run on side by side. One walk over the
beginnings then leaves out those that fall into an entity before them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.stages.entities.fast.encode import Floats, only

Flags = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]

_STATE_TOKENS = 3  # the next token, the first of the open entity, the one before the next token
_TOKENS_AT_ONCE = 24  # in which nearly every entity ends
_STRETCH = 256  # tokens
_OPEN, _UNIT, _OUTSIDE = "B-", "U-", "O"


class Decoder:
    """Computes what the lower and upper layers of a transition-based recogniser decide.

    Args:
        lower: the layer that turns state tokens into a hidden vector.
        upper: the layer that scores actions.
        actions: the names of the actions, in the order of the scores.

    Raises:
        UnknownModelError: the layers are of another shape.
    """

    def __init__(self, lower: Any, upper: Any, actions: list[str]) -> None:
        only(upper.name == "linear" and lower.name == "precomputable_affine", "another decoder")
        weights, bias, pad = lower.get_param("W"), lower.get_param("b"), lower.get_param("pad")
        features, hidden, pieces, width = weights.shape
        only(features == _STATE_TOKENS, "more state tokens")
        only(pieces > 1, "no maxout in the decoder")
        self._pieces = pieces
        # The pieces of the maxout become the slow axis, as numpy likes them.
        self._states = np.ascontiguousarray(
            weights.transpose(0, 2, 1, 3).reshape(features * pieces * hidden, width).T
        )
        self._bias = bias.T.reshape(-1)
        self._padding = pad[0].transpose(0, 2, 1).reshape(features, -1)
        score, score_bias = upper.get_param("W"), upper.get_param("b")
        only(len(actions) == len(score), "more scores than actions")
        index = {name: at for at, name in enumerate(actions)}
        only(_OUTSIDE in index, "no action for what is in no entity")
        self.labels = [name.removeprefix(_OPEN) for name in actions if name.startswith(_OPEN)]
        units = [index[_UNIT + label] for label in self.labels]
        opens = [index[_OPEN + label] for label in self.labels]
        # Of equal scores the library takes the first, so the order of the actions is kept.
        closed = sorted([*opens, *units, index[_OUTSIDE]])
        self._closed, self._closed_bias = np.ascontiguousarray(score[closed].T), score_bias[closed]
        self._open_columns = np.array([closed.index(at) for at in opens])
        self._unit_columns = np.array([closed.index(at) for at in units])
        self._label_of = np.full(len(closed), -1)
        self._label_of[self._open_columns] = self._label_of[self._unit_columns] = range(len(self.labels))
        self._opens = np.isin(np.arange(len(closed)), self._open_columns)
        inside = [index[f"I-{label}"] for label in self.labels]
        last = [index[f"L-{label}"] for label in self.labels]
        only(all(inner < end for inner, end in zip(inside, last, strict=True)), "another order of actions")
        self._ending = score[last] - score[inside]
        self._ending_bias = score_bias[last] - score_bias[inside]

    def __call__(self, vectors: Floats, lengths: Indices, spaces: Flags) -> list[tuple[int, int, str]]:
        """The entities of the texts whose tokens have `vectors`, as (first token, behind the last, label).

        Args:
            vectors: (tokens, width), the texts end to end.
            lengths: how many tokens each text has; none is empty.
            spaces: which tokens are white space; no entity begins there.
        """
        final = np.zeros(len(vectors), dtype=np.bool_)
        final[np.cumsum(lengths) - 1] = True
        now, first, before = np.split(vectors @ self._states, _STATE_TOKENS, axis=1)
        now += self._bias
        scores = self._hidden(now + self._padding[1] + self._padding[2]) @ self._closed
        scores += self._closed_bias
        scores[np.ix_(final | spaces, self._open_columns)] = -np.inf
        scores[np.ix_(spaces, self._unit_columns)] = -np.inf
        best = scores.argmax(axis=1)
        labels = self._label_of[best]
        (begins,) = np.nonzero(labels >= 0)
        ends = self._ends(begins, labels[begins], self._opens[best[begins]], final, (now, first, before))
        entities: list[tuple[int, int, str]] = []
        reached = 0
        for begin, end, label in zip(begins.tolist(), ends.tolist(), labels[begins].tolist(), strict=True):
            if begin >= reached:
                reached = end or self._far_end(begin, label, final, (now, first, before))
                entities.append((begin, reached, self.labels[label]))
        return entities

    def _ends(
        self,
        begins: Indices,
        labels: Indices,
        opens: Flags,
        final: Flags,
        parts: tuple[Floats, Floats, Floats],
    ) -> Indices:
        """Where the entities that begin at `begins` end, each followed token by token, all of them at once.

        0 where one goes on for longer than names do: most of these begin inside another, and nobody asks for them.
        """
        now, first, before = parts
        ends = begins + 1
        (running,) = np.nonzero(opens)
        for _ in range(_TOKENS_AT_ONCE):
            if not running.size:
                break
            token, start, label = ends[running], begins[running], labels[running]
            hidden = self._hidden(now[token] + first[start] + before[token - 1])
            leaning = np.einsum("ij,ij->i", hidden, self._ending[label]) + self._ending_bias[label]
            ends[running] += 1
            running = running[~((leaning > 0) | final[token])]
        ends[running] = 0
        return ends

    def _far_end(self, begin: int, label: int, final: Flags, parts: tuple[Floats, Floats, Floats]) -> int:
        """Where the long entity of a label that begins at `begin` ends: looked for stretch by stretch."""
        now, first, before = parts
        token = begin + 1 + _TOKENS_AT_ONCE
        while True:
            stretch = slice(token, token + _STRETCH)
            hidden = self._hidden(
                now[stretch] + first[begin] + before[token - 1 : token - 1 + len(now[stretch])]
            )
            leaning = hidden @ self._ending[label] + self._ending_bias[label]
            (ends,) = np.nonzero((leaning > 0) | final[stretch])
            if ends.size:
                return token + int(ends[0]) + 1
            token += _STRETCH

    def _hidden(self, states: Floats) -> Floats:
        width = states.shape[1] // self._pieces
        hidden = states[:, :width]
        for piece in range(1, self._pieces):
            hidden = np.maximum(hidden, states[:, piece * width : (piece + 1) * width])
        return hidden
