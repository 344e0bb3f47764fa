"""Attacks on a regular expression, derived from what it is made of, and how its time grows under them."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice, product
from re import _constants as c  # type: ignore[attr-defined]  # the parse tree of a pattern has no public name
from re import _parser as parser  # type: ignore[attr-defined]
from types import FrameType
from typing import Any

Run = Callable[[str], object]

_REPEATS = (c.MAX_REPEAT, c.MIN_REPEAT, c.POSSESSIVE_REPEAT)
_MANY = 30  # a repetition of fewer is no loop
_PIECES = 10  # of a pattern that are repeated by themselves and in pairs
_CATEGORIES = {
    c.CATEGORY_DIGIT: "1",
    c.CATEGORY_NOT_DIGIT: "a",
    c.CATEGORY_SPACE: " ",
    c.CATEGORY_NOT_SPACE: "-",
    c.CATEGORY_WORD: "a",
    c.CATEGORY_NOT_WORD: "-",
}
_SHORT, _LONG = 6_000, 64_000  # characters
_SUSPECT = 1e-6  # seconds a character
_STOP = 1.0  # seconds of the processor; the slowest linear pattern takes a quarter of it for a long text
_TRIES = 3
_IN_WINDOW = 1e-3  # seconds


class _Over(BaseException):
    """The time is over."""


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Stop after so much processor time; the engine looks for signals now and then, deep in a search too.

    Raises:
        TimeoutError: it was stopped.
    """

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise _Over

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    except _Over:
        raise TimeoutError from None
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def successful_attack(pattern: re.Pattern[Any], run: Run, *, window: int | None = None) -> str | None:
    """An attack under which the time of `run` grows faster than the text; None if there is none.

    A short text tells which attacks are worth a long one. On that, what is linear is over long before the limit and
    what grows with the square long behind it, on a machine that is busy with other things too.

    Args:
        pattern: of texts or bytes.
        run: how it is used, such as its `search`.
        window: the longest text that it is used on, if that is bounded: then an attack of that length succeeds that
            takes a thousandth of a second.
    """
    length = window or _SHORT
    limit = _SUSPECT * length
    for attack in _attacks(pattern):
        text = _text(pattern, *attack, length)
        took = _quickest(run, text, limit)
        if took < limit:
            continue
        if took > _IN_WINDOW if window else _is_endless(run, _text(pattern, *attack, _LONG)):
            prefix, pump, end = attack
            return f"{prefix!r} + {pump!r} * {length // len(pump)} + {end!r}"
        limit = max(limit, 1.5 * took)  # a pattern that is slow everywhere is not looked at closely each time
    return None


def _text(pattern: re.Pattern[Any], prefix: str, pump: str, end: str, length: int) -> Any:
    text = prefix + pump * (length // len(pump)) + end
    return text.encode("latin-1", "replace") if isinstance(pattern.pattern, bytes) else text


def _quickest(run: Run, text: Any, limit: float) -> float:
    """The time that it takes, the shortest of several if the first one is over the limit; infinite if it is stopped."""
    best = float("inf")
    for _ in range(_TRIES):
        begin = time.perf_counter()  # a clock of processor time may tick too slowly for this
        if _is_endless(run, text):
            return float("inf")
        best = min(best, time.perf_counter() - begin)
        if best < limit:
            break
    return best


def _is_endless(run: Run, text: Any) -> bool:
    try:
        with limited(_STOP):
            run(text)
    except TimeoutError:
        return True
    return False


def _attacks(pattern: re.Pattern[Any]) -> Iterator[tuple[str, str, str]]:
    """Beginnings, what is repeated, and ends."""
    source = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    ascii_only = pattern.flags & re.ASCII
    tree = parser.parse(source, pattern.flags & ~re.LOCALE | (0 if ascii_only else re.UNICODE))
    if not any(True for _ in _loops(tree, "")):
        return
    pieces = list(islice(dict.fromkeys(piece for piece in _pieces(tree) if piece), _PIECES))
    loops = list(islice(dict.fromkeys(_loops(tree, "")), _PIECES))
    pumps = dict.fromkeys(["".join(pair) for pair in product(pieces, repeat=2)] + pieces)
    pumps |= dict.fromkeys(before + body for before, body in loops if before + body)
    prefixes = list(dict.fromkeys(["", *(before for before, _ in loops)]))[:4]
    yield from product(prefixes, pumps, ("\0", ""))


def _loops(tree: Any, before: str) -> Iterator[tuple[str, str]]:
    """Each part that is repeated without end or often, with what stands before it."""
    for operator, value in tree:
        for inner in _inside(operator, value):
            if operator in _REPEATS and value[1] >= _MANY:
                yield before, _example(inner)
            yield from _loops(inner, before)
        before += _example([(operator, value)])


def _pieces(tree: Any) -> Iterator[str]:
    """The characters that a pattern names, and what its repeated parts match."""
    for _, body in _loops(tree, ""):
        yield body
    for operator, value in tree:
        if operator is c.IN:
            yield from _members(value)
        elif operator in (c.LITERAL, c.NOT_LITERAL, c.ANY):
            yield _example([(operator, value)])
        for inner in _inside(operator, value):
            yield from _pieces(inner)


def _inside(operator: Any, value: Any) -> list[Any]:
    """The trees within a node."""
    if operator in _REPEATS:
        return [value[2]]
    if operator is c.SUBPATTERN:
        return [value[3]]
    if operator is c.BRANCH:
        return list(value[1])
    if operator is c.ATOMIC_GROUP:
        return [value]
    if operator in (c.ASSERT, c.ASSERT_NOT):
        return [value[1]]
    return []


def _example(tree: Any) -> str:
    """Some text that the tree matches, or nearly."""
    found = ""
    for operator, value in tree:
        if operator is c.LITERAL:
            found += chr(value)
        elif operator in (c.NOT_LITERAL, c.ANY):
            found += "a" if value != ord("a") else "b"
        elif operator is c.IN:
            found += next(_members(value), "a")
        elif operator in _REPEATS:
            found += _example(value[2]) * min(max(value[0], 1), 200)
        elif operator not in (c.ASSERT, c.ASSERT_NOT):
            found += next(map(_example, _inside(operator, value)), "")
    return found


def _members(items: Any) -> Iterator[str]:
    """Some characters of a set; of a set of what is not in it, common ones."""
    if items and items[0][0] is c.NEGATE:
        kept = re.compile(f"[{''.join(map(_in_brackets, items))}]")
        yield from (sign for sign in ("a", "A", "1", "-", " ", "'", "_") if kept.match(sign))
        return
    for operator, value in items:
        if operator is c.LITERAL:
            yield chr(value)
        elif operator is c.RANGE:
            yield chr(value[0])
        elif operator is c.CATEGORY:
            yield _CATEGORIES[value]


def _in_brackets(item: Any) -> str:
    operator, value = item
    if operator is c.NEGATE:
        return "^"
    if operator is c.LITERAL:
        return re.escape(chr(value))
    if operator is c.RANGE:
        return f"{re.escape(chr(value[0]))}-{re.escape(chr(value[1]))}"
    letter = {c.CATEGORY_DIGIT: "d", c.CATEGORY_SPACE: "s", c.CATEGORY_WORD: "w"}
    opposite = {c.CATEGORY_NOT_DIGIT: "D", c.CATEGORY_NOT_SPACE: "S", c.CATEGORY_NOT_WORD: "W"}
    return "\\" + {**letter, **opposite}[value]
