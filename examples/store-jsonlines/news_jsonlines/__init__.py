"""A store that appends JSON lines: `jsonl:///path/records.jsonl`."""

from news_jsonlines.store import JsonLinesStore, open_store

__all__ = ["JsonLinesStore", "open_store"]
