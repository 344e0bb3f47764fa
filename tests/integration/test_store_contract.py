"""Our stores run through the suite of every store."""

from __future__ import annotations

import pytest

from tests.support.store_contract import StoreContract


class TestOurStores(StoreContract):
    @pytest.fixture
    def url(self, database_url: str) -> str:
        return database_url
