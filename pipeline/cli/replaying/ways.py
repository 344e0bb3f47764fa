"""How files are to be replayed, as it was asked for, and what of it does not go together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.core import TyperCommand

from pipeline.errors import UsageError

ENDLESS = 0
"""The number of rounds that means: until it is interrupted."""

_LOOP = "--loop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How files are replayed.

    Attributes:
        rate: at most so many articles a second.
        speed: with the pauses between their dates, so many times as fast.
        loop: so many rounds, or `ENDLESS`; None: one, and it is not asked for.
        shuffle: in an order that the seed draws.
        seed: its number; None where none was given.
        resume: the file that says how far it has come.
        dry_run: nothing is sent.
    """

    rate: float | None = None
    speed: float | None = None
    loop: int | None = None
    shuffle: bool = False
    seed: int | None = None
    resume: Path | None = None
    dry_run: bool = False

    @property
    def rounds(self) -> int | None:
        """How many; None: without end."""
        return None if self.loop == ENDLESS else self.loop or 1

    @property
    def moves(self) -> bool:
        """Whether the dates of later rounds are moved on: only where they say when an article is due."""
        return self.loop is not None and self.speed is not None

    def check(self, *, readable_again: bool) -> None:
        """Raises UsageError: two of these don't go together, or what is read can't be read again and would have to be.

        Args:
            readable_again: whether there are files alone, no standard input and no pipe.
        """
        again = {_LOOP: self.loop is not None, "--shuffle": self.shuffle, "--resume": self.resume is not None}
        if self.seed is not None and not self.shuffle:
            raise UsageError("--seed draws the order of --shuffle: give both, or neither")
        if self.shuffle and self.speed is not None:
            raise UsageError(
                "--speed goes by the dates, which --shuffle mixes: leave one out (--rate goes with both)"
            )
        if self.dry_run and (again[_LOOP] or again["--resume"]):
            raise UsageError("--dry-run sends nothing: leave out --loop and --resume")
        if not readable_again and any(again.values()):
            names = ", ".join(name for name, given in again.items() if given)
            raise UsageError(f"{names}: standard input and pipes can't be read again: give files")


class LoopingCommand(TyperCommand):
    """A command whose `--loop` may have a number behind it."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As without it; `--loop` alone is `--loop 0`."""
        return super().parse_args(ctx, with_number(args, _LOOP, ENDLESS))


def with_number(arguments: Sequence[str], option: str, default: int) -> list[str]:
    """The arguments, with a number behind the option where none is, so that a path may come next."""
    ended = arguments.index("--") if "--" in arguments else len(arguments)
    found: list[str] = []
    for at, argument in enumerate(arguments):
        found.append(argument)
        following = arguments[at + 1] if at + 1 < len(arguments) else ""
        if at < ended and argument == option and not following.lstrip("-").isdecimal():
            found.append(str(default))
    return found
