"""How Streamlit serves the dashboard: every option is said here, so the working folder has no say."""

from collections.abc import Sequence

from hctap_dashboard.theme import OPTIONS

BASE_PATH = "app"


def configure_server(host: str, port: int, secrets: Sequence[str] = ()) -> dict[str, object]:
    """Streamlit's options by name; `secrets` are the files that say how people sign in at a provider."""
    return {
        **OPTIONS,
        "server.address": host,
        "server.port": port,
        "server.baseUrlPath": BASE_PATH,
        "server.headless": True,
        "secrets.files": list(secrets),
        "server.fileWatcherType": "none",
        "server.runOnSave": False,
        # Nothing is uploaded here.
        "server.maxUploadSize": 1,
        "browser.gatherUsageStats": False,
        "client.toolbarMode": "viewer",
        # What went wrong inside is for the log; a person gets the page's own words.
        "client.showErrorDetails": "none",
        "client.showErrorLinks": False,
    }
