"""Bytes in, articles out: one file a format.

for found in read_articles(["archive/", "feed.jsonl.gz"]):
    ...  # an Article, or the SourceError of what could not become one
"""

from pipeline.sources.folders import STDIN, total_bytes
from pipeline.sources.limits import Limits
from pipeline.sources.problems import Reason
from pipeline.sources.reading import read_articles

__all__ = ["STDIN", "Limits", "Reason", "read_articles", "total_bytes"]
