"""JSON lines: the records whole, one a line, as they travel. Nothing is lost."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.exports.form import ARTICLES, Asked, Form, Out, write_each
from pipeline.record import EnrichedArticle
from pipeline.record.codec import encode


def _write(records: Iterable[EnrichedArticle], out: Out, _: Asked) -> int:
    return write_each((encode(record) + b"\n" for record in records), out)


JSONL = Form("jsonl", ".jsonl", "application/x-ndjson", (ARTICLES,), _write)
