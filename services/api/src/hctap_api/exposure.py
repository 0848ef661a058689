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


def decide_openness(host: str, *, is_open: bool | None) -> bool:
    """Whether the API asks nobody for a key: only on loopback, where it does so unless told otherwise.

    Raises:
        SettingsInvalid: If it is told to, and others could reach the host.
    """
    if is_open and not is_loopback(host):
        raise SettingsInvalid(
            f"HCTAP_API_OPEN=1 is for development on this machine, and others can reach {host}.",
            remedy="Set HCTAP_API_HOST=127.0.0.1, or unset HCTAP_API_OPEN and use keys.",
        )
    return is_loopback(host) if is_open is None else is_open


def announce_openness(host: str) -> None:
    """Say loudly that the API asks nobody for a key."""
    log.warning(
        "api_asks_nobody_for_a_key",
        extra={"host": host, "remedy": "This is for development. Set HCTAP_API_OPEN=0 to ask for keys."},
    )
