"""Is everything accounted for: the ledger, and the dead letters."""
