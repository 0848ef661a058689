"""`python -m hctap_dashboard`: the dashboard as a process."""

import sys
from pathlib import Path

from streamlit.web import bootstrap

from hctap_core.errors import PlatformError
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
    with kept_secrets(registration) as secrets:
        options = configure_server(settings.dashboard_host, settings.dashboard_port, secrets)
        # Streamlit takes its options as flags, whose names have underscores for dots.
        flags = {name.replace(".", "_"): value for name, value in options.items()}
        bootstrap.load_config_options(flags)
        bootstrap.run(str(SCRIPT), is_hello=False, args=[], flag_options=flags)


if __name__ == "__main__":
    main()
