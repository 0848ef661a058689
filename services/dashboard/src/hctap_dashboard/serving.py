"""How Streamlit serves the dashboard: every option is said here, so the working folder has no say."""

from hctap_dashboard.theme import OPTIONS

BASE_PATH = "app"


def configure_server(host: str, port: int) -> dict[str, object]:
    """Streamlit's options by name."""
    return {
        **OPTIONS,
        "server.address": host,
        "server.port": port,
        "server.baseUrlPath": BASE_PATH,
        "server.headless": True,
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
