"""The history of the schema (Alembic), inside the package: every installation brings itself up to date."""
