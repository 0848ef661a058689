"""A lake whose service was started anew and has lost what it held, found before anybody works with it."""

from typing import Final

from hctap_stores.database.connection import Database
from hctap_stores.lake.lake import Lake

_LOCK: Final = "hctap-lake-restore"
_PATIENCE_SECONDS: Final = 600.0


def remember(lake: Lake, database: Database) -> None:
    """Write back what a lake has lost whose service was started anew; most of the time it costs one small read."""
    if lake.has_forgotten():
        with database.lock(_LOCK, busy="Another process writes the lake back.", patience_seconds=_PATIENCE_SECONDS):
            if lake.has_forgotten():
                _restore(lake, database)


def _restore(lake: Lake, database: Database) -> None:
    # What writes back stands on what imports, erases and publishes, and is hardly ever needed.
    from rich.console import Console

    from hctap_cli.progress import Meter
    from hctap_etl.restoring import restore

    lake.prepare()
    restore(lake, database, Meter(Console(quiet=True)))
