"""`python -m hctap_dashboard`: the dashboard as a process."""

import signal
import sys
from pathlib import Path

import streamlit
from streamlit import App

from hctap_core.errors import PlatformError
from hctap_dashboard.address import Place
from hctap_dashboard.first_page import serve_first_page, write_first_page
from hctap_dashboard.openid import kept_secrets
from hctap_dashboard.serving import configure_server
from hctap_dashboard.settings import read_settings

EXIT_USAGE = 2
SCRIPT = Path(__file__).with_name("app.py")


def main() -> None:
    """Serve until told to stop; exit 2 where the settings do not allow it."""
    try:
        settings = read_settings()
        registration = settings.registration
    except PlatformError as error:
        print(error, file=sys.stderr)
        sys.exit(EXIT_USAGE)
    # The server gives the signal that ended it back; by its default the process would end before its secrets are gone.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with kept_secrets(registration) as secrets:
        options = configure_server(settings.dashboard_host, settings.dashboard_port, secrets)
        page = write_first_page(Path(streamlit.__file__).with_name("static"))
        App(SCRIPT, routes=serve_first_page(page, Place)).run(config=options)


if __name__ == "__main__":
    main()
