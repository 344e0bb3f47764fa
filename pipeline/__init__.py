"""A streaming pipeline on Kafka that turns news articles into records a newsroom can query.

The names below are the Python interface; docs/python.md shows it. Each is imported when it is asked for: the language
model and the database take their time, and a program that needs neither should not wait for them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline.enricher import Enricher
    from pipeline.errors import PipelineError, SourceError
    from pipeline.interface import enrich
    from pipeline.record import Article, EnrichedArticle
    from pipeline.sources import read_articles
    from pipeline.stages.base import Rejection
    from pipeline.stores.reader import open_store

    __version__: str

__all__ = [
    "Article",
    "EnrichedArticle",
    "Enricher",
    "PipelineError",
    "Rejection",
    "SourceError",
    "__version__",
    "enrich",
    "open_store",
    "read_articles",
]

_HOMES = {
    "Article": "pipeline.record",
    "EnrichedArticle": "pipeline.record",
    "Enricher": "pipeline.enricher",
    "PipelineError": "pipeline.errors",
    "Rejection": "pipeline.stages.base",
    "SourceError": "pipeline.errors",
    "enrich": "pipeline.interface",
    "open_store": "pipeline.stores.reader",
    "read_articles": "pipeline.sources",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version  # noqa: PLC0415 - itself slow to import

        value: Any = version("news-pipeline")
    elif name in _HOMES:
        value = getattr(import_module(_HOMES[name]), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
