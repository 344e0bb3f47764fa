"""What all parts of the store ask the server through: one client, and one way to say what went wrong."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager
from typing import Any

from pipeline.errors import PermanentError, Reason, SettingsError, TransientError
from pipeline.stores.opensearch.address import Address
from pipeline.stores.opensearch.bulk import Change, Fate, carry_out
from pipeline.stores.opensearch.connection import asked
from pipeline.stores.opensearch.indices import index_name
from pipeline.stores.opensearch.scanning import PAGE, scan


class Session:
    """A store on a server, as its parts see it. Safe for threads.

    Args:
        address: where it is.
        client: of OpenSearch.
        read_only: whether the store was opened for reading.

    Attributes:
        client: as given; what it raises is translated inside `asked`.
        where: the server in words.
    """

    def __init__(self, address: Address, client: Any, *, read_only: bool) -> None:
        self._address = address
        self._read_only = read_only
        self.client = client
        self.where = f"OpenSearch at {address.url}"

    def index(self, kind: str) -> str:
        """The name of one of the store's indices."""
        return index_name(self._address.prefix, kind)

    def asked(self) -> AbstractContextManager[None]:
        """Makes errors of the pipeline of what the server says inside."""
        return asked(self._address)

    def check_writable(self) -> None:
        """Raise SettingsError where the store was opened for reading."""
        if self._read_only:
            raise SettingsError("the store was opened for reading: nothing can be written through it")

    def read(self, kind: str, ids: Sequence[str], fields: Sequence[str]) -> list[dict[str, Any]]:
        """Documents by id as they are now, refreshed or not, in that order; `found` says which are there."""
        if not ids:
            return []
        wanted = {"docs": [{"_id": one, "_source": list(fields) or False} for one in ids]}
        documents: list[dict[str, Any]] = self.client.mget(index=self.index(kind), body=wanted)["docs"]
        for one in documents:
            if "error" in one:
                self.client.search(index=self.index(kind), size=0)  # says of the index what is wrong with it
                raise TransientError(f"{self.where} can't read {one['_id']}: {one['error'].get('reason')}")
        return documents

    def scan(
        self,
        kind: str,
        *,
        sort: list[dict[str, str]],
        query: dict[str, Any],
        fields: Sequence[str],
        page: int = PAGE,
    ) -> Generator[dict[str, Any], None, None]:
        """See pipeline.stores.opensearch.scanning.scan."""
        return scan(self.client, self.index(kind), sort=sort, query=query, fields=fields, page=page)

    def carry_out(self, changes: Sequence[Change]) -> list[tuple[Fate, str]]:
        """See pipeline.stores.opensearch.bulk.carry_out."""
        return carry_out(self.client, changes)

    def keep(self, changes: Sequence[Change]) -> list[Fate]:
        """Write what is about articles and not of them; what became of each.

        Raises:
            PermanentError: the server refuses one for what it is; the others may have been written.
        """
        fates = self.carry_out(changes)
        for fate, said in fates:
            if fate is Fate.REFUSED:
                raise PermanentError(Reason.NOT_STORABLE, f"OpenSearch refuses it: {said}")
        return [fate for fate, _ in fates]
