"""A process that stores batches until it is killed, naming each batch when its write has returned."""

from __future__ import annotations

import sys
from itertools import count

from pipeline.stores.sql.database import connect
from pipeline.stores.sql.store import SqlStore
from tests.unit.stores.builders import full_record

BATCH = 20


def main() -> None:
    """Write to the URL that is given as argument."""
    store = SqlStore(connect(sys.argv[1]))
    for number in count():
        store.write([full_record(f"batch{number}-{index}") for index in range(BATCH)])
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
