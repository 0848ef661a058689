"""Where notes and results live: lake, database, cache."""
