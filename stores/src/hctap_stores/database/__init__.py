"""The database: notes, runs, ledger and entities in PostgreSQL."""
