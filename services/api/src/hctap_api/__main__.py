"""`python -m hctap_api`: the API as a process."""

import sys

import uvicorn

from hctap_api.exposure import check_exposure
from hctap_api.main import create_app
from hctap_api.serving import configure_server
from hctap_api.settings import read_settings
from hctap_core.errors import PlatformError
from hctap_core.logs import configure_logs

EXIT_USAGE = 2


def main() -> None:
    """Serve until told to stop; exit 2 where the settings do not allow it."""
    try:
        settings = read_settings()
        configure_logs(settings.log_level)
        check_exposure(settings.api_host, is_open=settings.api_open)
        app = create_app(settings)
    except PlatformError as error:
        print(error, file=sys.stderr)
        sys.exit(EXIT_USAGE)
    uvicorn.Server(configure_server(app, settings.api_host, settings.api_port)).run()


if __name__ == "__main__":
    main()
