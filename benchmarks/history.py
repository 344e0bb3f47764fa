"""The history of figures: `benchmarks/results.jsonl`, a line for each benchmark and commit.

A script that is given `--record` adds a line when it is done: `{"benchmark": …, "commit": …, "at": …,
"machine": …, "load": …, "figures": {"name": number}}`. Lines are never changed; docs/site.py draws them.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.machine import described

RESULTS = Path(__file__).parent / "results.jsonl"
_DIGITS = 4


def add_option(parser: argparse.ArgumentParser) -> None:
    """Give a script's parser the option `--record`."""
    parser.add_argument(
        "--record", action="store_true", help="append the figures to benchmarks/results.jsonl"
    )


def record(arguments: argparse.Namespace, benchmark: str, figures: Mapping[str, float]) -> None:
    """Append a line, where the script was asked to."""
    if not arguments.record:
        return
    line = {
        "benchmark": benchmark,
        "commit": _commit(),
        "at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "machine": described(),
        "load": round(os.getloadavg()[0], 1),
        "figures": {name: float(f"{value:.{_DIGITS}g}") for name, value in figures.items()},
    }
    with RESULTS.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")


def _commit() -> str:
    """The commit that is checked out; `-dirty` when anything but the results differs from it."""
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", ":/", f":(exclude){RESULTS.name}")
    return f"{_git('rev-parse', '--short=10', 'HEAD') or 'unknown'}{'-dirty' if changed else ''}"


def _git(*arguments: str) -> str:
    done = subprocess.run(
        [shutil.which("git") or "git", *arguments],
        cwd=RESULTS.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip()
