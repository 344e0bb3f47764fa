"""What one article may cost that was made to cost much: processor seconds of all stages, by kind and length.

    python benchmarks/hostile.py                        # every kind at 250 kB, 500 kB and 1 MB
    python benchmarks/hostile.py quotes "sign"          # kinds with one of these in their names
    python benchmarks/hostile.py --sizes 8 64 --limit 60

Reading a record (language, characters, limits), duplicates, entities and quotes are counted, on one core, and the
same once more with the text as the headline (`--headline`). The model is loaded before. A kind that takes longer
than `--limit` is stopped, and its longer texts are left out.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.hostile_texts import KINDS
from pipeline.enricher import Enricher
from pipeline.record import Article, EnrichedArticle
from pipeline.sources.formats import JSON_LINES, Intake
from pipeline.sources.limits import Limits
from pipeline.stages.base import Rejection
from pipeline.stages.entities.stage import DEFAULT_MODEL

ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
INTAKE = Intake(Limits(), "benchmark", lambda: datetime(2031, 1, 1, tzinfo=UTC))


class TooLongError(BaseException):
    """The time is over; no stage takes it for an article's fault."""


def stop(_signal: int, _frame: FrameType | None) -> None:
    raise TooLongError


def as_line(text: str, *, headline: bool, number: int) -> bytes:
    """A record of the text, cut to what an article may have, said to be English."""
    text = text.encode()[: Limits().max_article_bytes - 16].decode(errors="ignore")
    body = {"title": text, "body": "It rained."} if headline else {"text": text}
    return json.dumps({"id": f"h{number}", "language": "en", **body}, ensure_ascii=False).encode() + b"\n"


def article(line: bytes) -> Article | None:
    """The article of a line; None if it is blank, or what else no article is."""
    [(_, found)] = JSON_LINES.read([line], INTAKE)
    return found if isinstance(found, Article) else None


def seconds(enricher: Enricher, line: bytes, limit: float) -> tuple[float, EnrichedArticle | None]:
    """What reading and enriching took, and the record; endless and none when the time was over."""
    signal.setitimer(signal.ITIMER_PROF, limit)
    begin = time.process_time()
    try:
        read = article(line)
        article(line.replace(b'"language": "en"', b'"language": null', 1))  # the reader tells it then
        record = next((record for _, record in enricher.enrich([read] if read else [])), None)
    except TooLongError:
        return float("inf"), None
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    if isinstance(record, Rejection):
        raise SystemExit(f"rejected: {record}")
    return time.process_time() - begin, record


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kinds", nargs="*", help="parts of names of kinds; all without")
    parser.add_argument(
        "--sizes", nargs="+", type=int, default=[250, 500, 1000], help="in thousand characters"
    )
    parser.add_argument("--limit", type=float, default=30, help="processor seconds")
    parser.add_argument("--headline", action="store_true", help="the text is the headline of an article")
    parser.add_argument("--over", type=float, default=0, help="show only kinds that took longer than this")
    arguments = parser.parse_args()
    if any(os.environ.get(name) != value for name, value in ONE_THREAD.items()):
        return subprocess.run(
            [sys.executable, *sys.argv], env={**os.environ, **ONE_THREAD}, check=False
        ).returncode

    signal.signal(signal.SIGPROF, stop)
    enricher = Enricher(DEFAULT_MODEL, window=timedelta(days=3))
    seconds(enricher, as_line("Ann Li said no.", headline=False, number=0), 60)
    kinds = [name for name in KINDS if not arguments.kinds or any(part in name for part in arguments.kinds)]
    print(
        f"{'processor seconds':<48}"
        + "".join(f"{size:>8} kB" for size in arguments.sizes)
        + "   entities  quotes"
    )
    slowest: dict[int, tuple[float, str]] = {}
    for number, name in enumerate(kinds):
        row, record = [], None
        for size in arguments.sizes:
            line = as_line(KINDS[name](1000 * size), headline=arguments.headline, number=1000 * number + size)
            took, record = seconds(enricher, line, arguments.limit)
            row.append(took)
            slowest[size] = max(slowest.get(size, (0, "")), (took, name))
            if took > arguments.limit:
                break
        outcome = "stopped" if row[-1] > arguments.limit else "refused"
        found = f"{len(record.entities):>11}{len(record.quotes):>8}" if record else f"{outcome:>11}"
        if max(row) >= arguments.over:
            cells = "".join(f"{took:>11.2f}" for took in row) + " " * 11 * (len(arguments.sizes) - len(row))
            print(f"{name:<48}{cells}{found}", flush=True)
    for size, (took, name) in slowest.items():
        print(f"slowest of {len(kinds)} at {size} kB: {took:.2f} s ({name})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
