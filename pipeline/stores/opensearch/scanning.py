"""All documents of a search in their order, however many they are."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import suppress
from typing import Any

from pipeline.errors import TransientError

PAGE = 2_000
"""Documents that are asked for at a time."""

_KEPT = "30m"
"""How long what is done with one page may take: the stages may read its articles anew."""


def scan(
    client: Any,
    index: str,
    *,
    sort: list[dict[str, str]],
    query: dict[str, Any],
    fields: Sequence[str],
    page: int = PAGE,
) -> Generator[dict[str, Any], None, None]:
    """The hits of a search as they were when it began, a page at a time.

    Args:
        client: of OpenSearch.
        index: is refreshed before, so that all that was written is there.
        sort: fields that tell documents apart.
        query: which.
        fields: what of the documents is given, maybe nothing.
        page: how many are asked for at a time.

    Raises:
        TransientError: what the search goes by was lost, as when the server was started anew.
        opensearchpy.exceptions.OpenSearchException: as any question.
    """
    from opensearchpy.exceptions import OpenSearchException  # noqa: PLC0415 - an extra

    client.indices.refresh(index=index)
    point = client.create_pit(index=index, keep_alive=_KEPT, allow_partial_pit_creation=False)["pit_id"]
    try:
        body: dict[str, Any] = {
            "size": page,
            "sort": sort,
            "query": query,
            "_source": list(fields) or False,
            "track_total_hits": False,
            "seq_no_primary_term": True,
            "pit": {"id": point, "keep_alive": _KEPT},
        }
        while hits := _page(client, body):
            yield from hits
            body["search_after"] = hits[-1]["sort"]
    finally:
        with suppress(OpenSearchException):  # it ends by itself after a while
            client.delete_pit(body={"pit_id": [point]})


def _page(client: Any, body: dict[str, Any]) -> list[dict[str, Any]]:
    from opensearchpy.exceptions import NotFoundError  # noqa: PLC0415 - an extra

    try:
        # An answer with less than all of it would pass for one.
        hits: list[dict[str, Any]] = client.search(body=body, allow_partial_search_results=False)["hits"][
            "hits"
        ]
    except NotFoundError as error:
        raise TransientError(f"OpenSearch has lost the place in a search: {error.info}"[:300]) from error
    return hits
