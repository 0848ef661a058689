"""Clinical notes in, tables and a report out, on one machine and without a store."""
