"""The migrations of the database, applied by `revisions.py`."""
