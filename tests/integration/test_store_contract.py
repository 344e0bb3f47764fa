"""Our stores run through the suite of every store, and through that of what a store need not do."""

from __future__ import annotations

import pytest

from tests.support.optional_contract import OptionalContract
from tests.support.store_contract import StoreContract


class TestOurStores(StoreContract):
    @pytest.fixture
    def url(self, database_url: str) -> str:
        return database_url


class TestWhatOursDoBeside(OptionalContract):
    @pytest.fixture
    def url(self, database_url: str) -> str:
        return database_url
