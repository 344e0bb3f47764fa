"""All documents of a search in their order, however many they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_PAGE = 2_000
_KEPT = "2m"


def scan(
    client: Any, index: str, *, sort: list[dict[str, str]], query: dict[str, Any], fields: list[str]
) -> Iterator[dict[str, Any]]:
    """The hits of a search as they were when it began, a page at a time.

    Args:
        client: of OpenSearch.
        index: is refreshed before, so that all that was written is there.
        sort: fields that tell documents apart.
        query: which.
        fields: what of the documents is given.
    """
    client.indices.refresh(index=index)
    point = client.create_pit(index=index, keep_alive=_KEPT)["pit_id"]
    try:
        body: dict[str, Any] = {
            "size": _PAGE,
            "sort": sort,
            "query": query,
            "_source": fields,
            "track_total_hits": False,
            "seq_no_primary_term": True,
            "pit": {"id": point, "keep_alive": _KEPT},
        }
        while hits := client.search(body=body)["hits"]["hits"]:
            yield from hits
            body["search_after"] = hits[-1]["sort"]
    finally:
        client.delete_pit(body={"pit_id": [point]})
