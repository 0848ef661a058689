"""Where the API may listen while it asks nobody for a key."""

import ipaddress
import logging

from hctap_core.errors import SettingsInvalid

log = logging.getLogger(__name__)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the host; a name other than `localhost` counts as reachable."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def check_exposure(host: str, *, is_open: bool) -> None:
    """Let the API listen on loopback, or elsewhere where that was said on purpose; the log says it loudly.

    Raises:
        SettingsInvalid: Others could reach the host and `is_open` is false.
    """
    if is_loopback(host):
        log.info("api_without_sign_in_on_loopback", extra={"host": host})
        return
    if not is_open:
        raise SettingsInvalid(
            f"The API has no sign-in yet, and others can reach {host}.",
            remedy="Set HCTAP_API_HOST=127.0.0.1, or HCTAP_API_OPEN=1 if everybody who reaches it may read every note.",
        )
    log.warning(
        "api_open_to_everybody_who_reaches_it",
        extra={"host": host, "remedy": "Set HCTAP_API_HOST=127.0.0.1 unless this is meant."},
    )
