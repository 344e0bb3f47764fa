"""The forms that there are, by their names."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.exports.csvtable import CSV
from pipeline.exports.form import Form
from pipeline.exports.jsonld import JSON_LD
from pipeline.exports.jsonlines import JSONL
from pipeline.exports.ninjs import NINJS
from pipeline.exports.parquet import PARQUET
from pipeline.exports.rss import RSS

FORMS: Mapping[str, Form] = {form.name: form for form in (JSONL, CSV, PARQUET, NINJS, JSON_LD, RSS)}


def form_of_file(name: str) -> Form | None:
    """The form that the end of a file's name tells; None where it tells none."""
    fitting = [form for form in FORMS.values() if name.lower().endswith(form.suffix)]
    return max(fitting, key=lambda form: len(form.suffix), default=None)
