"""`hctap-api`: the API as a process, and the management of its keys."""

import logging
import sys

import uvicorn

from hctap_api.exposure import decide_openness
from hctap_api.keys import make_parser, manage_keys, show_new
from hctap_api.main import create_app
from hctap_api.serving import configure_server, settle_memory
from hctap_api.settings import Settings, read_settings
from hctap_core.errors import MigrationNeeded, PlatformError, StoreUnavailable
from hctap_core.logs import configure_logs
from hctap_stores.database.connection import Database
from hctap_stores.database.keys import ensure_admin_key

EXIT_USAGE = 2
EXIT_UNAVAILABLE = 4

log = logging.getLogger("hctap_api")


def main() -> None:
    """Serve until told to stop, or manage keys; exit 2 for wrong use or settings, 4 where the database is away."""
    given = make_parser().parse_args()
    try:
        settings = read_settings()
        configure_logs(settings.log_level)
        if given.command == "keys":
            manage_keys(given, settings.database_url, print)
            return
        is_open = decide_openness(settings.api_host, is_open=settings.api_open)
        app = create_app(settings)
    except (StoreUnavailable, MigrationNeeded) as error:
        print(error, file=sys.stderr)
        sys.exit(EXIT_UNAVAILABLE)
    except PlatformError as error:
        print(error, file=sys.stderr)
        sys.exit(EXIT_USAGE)
    if not is_open:
        _show_first_key(settings)
    settle_memory()
    uvicorn.Server(configure_server(app, settings.api_host, settings.api_port)).run()


def _show_first_key(settings: Settings) -> None:
    try:
        with Database(settings.database_url, application="hctap-api") as database:
            made = ensure_admin_key(database)
    except (StoreUnavailable, MigrationNeeded) as error:
        # The API starts with its stores away; the key can be made later.
        log.warning("no_admin_key_made", extra={"error": error.message, "remedy": "`hctap-api keys create`, later."})
        return
    if made is not None:
        print("There was no admin's key, so one was made:")
        show_new(made, print)


if __name__ == "__main__":
    main()
