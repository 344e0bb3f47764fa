"""Tokens of many texts at once, as 64-bit hashes, without a Python object for each.

The texts of a chunk are joined and their code points classified as one array. A token is read eight characters at a
time, as one integer from the array of bytes that lies under it, and its hash is the sum of these integers times odd
constants: no two words of up to eight letters share one. Beyond Latin-1 the upper bytes of the code points are further
planes of bytes, read in the same way.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

U8 = NDArray[np.uint8]
U32 = NDArray[np.uint32]
U64 = NDArray[np.uint64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

# Classes of code points.
_SEPARATOR, _LETTER, _DIGIT, _POINT, _CHARACTER, _SYLLABIC, _IGNORED = range(7)

# Those of ASCII are told by arithmetic on bytes, where what lies below a range wraps around to above it.
_LOWER_CASE = np.uint8(0x20)
_A, _LETTERS = np.uint8(ord("a")), np.uint8(26)
_ZERO, _DIGITS = np.uint8(ord("0")), np.uint8(10)
_COMMA, _POINT_TO_COMMA = np.uint8(ord(",")), np.uint8(~(ord(".") ^ ord(",")) & 0xFF)

_IDEOGRAPHIC = (
    (0x2E80, 0x2FDF),  # CJK and Kangxi radicals
    (0x3005, 0x3007),  # iteration marks, ideographic zero
    (0x3041, 0x30FF),  # Hiragana, Katakana
    (0x3105, 0x312F),  # Bopomofo
    (0x31F0, 0x31FF),  # Katakana extensions
    (0x3400, 0x4DBF),  # CJK extension A
    (0x4E00, 0x9FFF),  # CJK unified
    (0xA000, 0xA4CF),  # Yi
    (0xF900, 0xFAFF),  # CJK compatibility
    (0x20000, 0x3FFFF),  # CJK extensions B and later
)
_ALPHABETIC_UNSPACED = (
    (0x0E01, 0x0EFF),  # Thai, Lao
    (0x0F00, 0x0FFF),  # Tibetan
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
    (0xA9E0, 0xA9FF),  # Burmese extended
    (0xAA60, 0xAA7F),  # Burmese extended
)
"""Scripts written without spaces between words."""

_JOINING = ".,"
"""Between two digits these belong to the number: 1.5 is not 15, and 7,500 is one number."""

WORDS_IN_SHINGLE = 3
SHINGLE_LENGTHS = np.array([0, 3, 3, 3, 5, 12, 0], np.int64)
"""Tokens in a shingle by the class of its first one. Where a token is a single character, about three words' worth:
trigrams of the few letters of an alphabet would be shared by unrelated texts."""

_HALF, _MORE_THAN_HALF = np.uint64(32), np.uint64(33)
_BLOCK = 8
_PADDING = np.zeros(_BLOCK - 1, np.uint8)
_SHORTEST_TELLING = 3
_LONGEST = 64
"""A longer run of letters (data in base 64, say) is cut into tokens of this length."""


class Tokens(NamedTuple):
    """The tokens of several texts, one after the other.

    Attributes:
        hashes: one a token.
        classes: the class of each token's first code point.
        bounds: the tokens of text i are `bounds[i]:bounds[i + 1]`.
        lengths: the code points of each token.
    """

    hashes: U64
    classes: U8
    bounds: Ints
    lengths: Ints

    @property
    def is_number(self) -> Flags:
        """Which tokens begin with a digit."""
        return np.equal(self.classes, _DIGIT)

    @property
    def is_telling(self) -> Flags:
        """Which tokens are no numbers and no small words: a noun, a name, a character of a script without spaces."""
        words: Flags = (self.classes == _LETTER) & (self.lengths >= _SHORTEST_TELLING)
        words |= self.classes >= _CHARACTER
        return words

    @property
    def has_characters(self) -> bool:
        """Whether any token is a character of a script without spaces."""
        return bool((self.classes >= _CHARACTER).any())


def tokenise(texts: Sequence[str]) -> Tokens:
    """Cut texts into words, numbers and the characters of scripts without spaces.

    Args:
        texts: normalised; any length, the empty one included.
    """
    joined = "\n" + "\n".join(texts) + "\n\n"
    starts_of_texts = np.cumsum([1, *(len(text) + 1 for text in texts)])
    if joined.isascii():
        characters = np.frombuffer(joined.encode("ascii"), np.uint8)
        folded = characters | _LOWER_CASE
        digit = (characters - _ZERO) < _DIGITS
        letter = (folded - _A) < _LETTERS
        starts, sizes = _words(letter, digit, (characters & _POINT_TO_COMMA) == _COMMA)
        classes = digit.view(np.uint8)[starts] + np.uint8(_LETTER)
        planes = [folded]
    else:
        points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
        all_classes = _classes().take(points)
        ignored = all_classes == _IGNORED
        if ignored.any():
            kept = ~ignored
            starts_of_texts -= np.concatenate(([0], np.cumsum(ignored)))[starts_of_texts]
            points, all_classes = points[kept], all_classes[kept]
        words = _words(all_classes == _LETTER, all_classes == _DIGIT, all_classes == _POINT)
        starts, sizes = _with_characters(all_classes, *words)
        classes = all_classes[starts]
        planes = [
            (points >> np.uint32(shift)).astype(np.uint8)
            for shift in range(0, int(points.max()).bit_length(), 8)
        ]
    bounds = np.searchsorted(starts, starts_of_texts)
    return Tokens(mix(_hash_spans(planes, starts, sizes)), classes, bounds, sizes)


def _words(letter: Flags, digit: Flags, point: Flags) -> tuple[Ints, Ints]:
    """Where words and numbers start, and how long they are."""
    inside = letter | digit
    joining = point[1:-1]
    joining &= digit[:-2]
    joining &= digit[2:]
    inside[1:-1] |= joining
    edges = np.flatnonzero(inside[1:] != inside[:-1])
    starts, lengths = edges[::2] + 1, edges[1::2] - edges[::2]
    if len(starts) and lengths.max() > _LONGEST:
        pieces = -(-lengths // _LONGEST)
        done = _LONGEST * (np.arange(pieces.sum()) - np.repeat(np.cumsum(pieces) - pieces, pieces))
        starts = np.repeat(starts, pieces) + done
        lengths = np.minimum(np.repeat(lengths, pieces) - done, _LONGEST)
    return starts, lengths


def _with_characters(classes: U8, starts: Ints, lengths: Ints) -> tuple[Ints, Ints]:
    """The same with the characters of scripts without spaces among them."""
    characters = np.flatnonzero(classes >= _CHARACTER)
    if len(characters):
        starts = np.concatenate((starts, characters))
        lengths = np.concatenate((lengths, np.ones(len(characters), np.int64)))
        order = np.argsort(starts)
        starts, lengths = starts[order], lengths[order]
    return starts, lengths


def _hash_spans(planes: Sequence[U8], starts: Ints, lengths: Ints) -> U64:
    """Hash the tokens that lie under the planes: the lowest bytes of all characters, the next ones, and so on."""
    hashes = np.zeros(len(starts), np.uint64)
    blocks = list(_blocks(starts, lengths))
    for plane, characters in enumerate(planes):
        # Eight bytes from each offset on, however it is aligned.
        words = np.ndarray(len(characters), "<u8", np.concatenate((characters, _PADDING)), strides=(1,))
        for (rows, offsets, masks), factor in zip(blocks, _FACTORS[plane], strict=False):
            values = words[offsets]
            values &= masks
            values *= factor
            hashes[rows] += values
    return hashes


def _blocks(starts: Ints, lengths: Ints) -> Iterator[tuple[Ints | slice, Ints, U64]]:
    """Eight characters of each token at a time: the tokens that are so long, where these lie, and a mask for them."""
    rows: Ints | slice = slice(None)
    while len(starts):
        yield rows, starts, _MASKS.take(lengths, mode="clip")
        longer = np.flatnonzero(lengths > _BLOCK)
        rows = longer if isinstance(rows, slice) else rows[longer]
        starts, lengths = starts[longer] + _BLOCK, lengths[longer] - _BLOCK


def mix(values: U64) -> U64:
    """Spread the bits of each value over the whole word (the finaliser of MurmurHash3), in place."""
    _stir(values)
    values ^= values >> _MORE_THAN_HALF
    return values


def mixed_upper_half(values: U64) -> U32:
    """The upper half of what `mix` makes of each value, whose last step leaves it alone; the values are lost."""
    _stir(values)
    values >>= _HALF
    return values.astype(np.uint32)


def _stir(values: U64) -> None:
    for factor in (np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53)):
        values ^= values >> _MORE_THAN_HALF
        values *= factor


def powers_of(base: int, count: int) -> U64:
    """base**i mod 2**64 for i < count."""
    factors = np.full(count, base, np.uint64)
    factors[0] = 1
    return np.multiply.accumulate(factors)


_MASKS = np.array([(1 << (8 * count)) - 1 for count in range(_BLOCK + 1)], np.uint64)
_FACTORS = powers_of(0x9E3779B97F4A7C15, 3 * _LONGEST // _BLOCK).reshape(3, -1)


@cache
def _classes() -> U8:
    table = np.fromiter(map(_class_of, range(0x20000)), np.uint8, 0x20000)
    table = np.concatenate((table, np.full(0x110000 - len(table), _SEPARATOR, np.uint8)))
    for first, last in _IDEOGRAPHIC:
        table[first : last + 1] = _CHARACTER
    for first, last in _ALPHABETIC_UNSPACED:
        block = table[first : last + 1]
        block[block == _LETTER] = _SYLLABIC
    table[0xFE00:0xFE10] = table[0xE0000:0xE0200] = _IGNORED  # variation selectors, tags
    return table


def _class_of(code: int) -> int:
    character = chr(code)
    if character in _JOINING:
        return _POINT
    category = unicodedata.category(character)
    if category == "Nd":
        return _DIGIT
    if category == "Cf":
        return _IGNORED
    return _LETTER if category[0] in "LMN" else _SEPARATOR
