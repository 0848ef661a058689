"""Where a request comes from: what a proxy says counts only where the proxy is trusted."""

import ipaddress
from collections.abc import Collection, Sequence
from typing import Final

from starlette.types import Scope

from hctap_core.errors import SettingsInvalid

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
FORWARDED: Final = (b"x-forwarded-for", b"forwarded", b"x-real-ip")


def read_networks(given: Collection[str]) -> tuple[Network, ...]:
    """Networks as they are written in a setting.

    Raises:
        SettingsInvalid: If one is none.
    """
    try:
        return tuple(ipaddress.ip_network(part, strict=False) for part in given)
    except ValueError:
        raise SettingsInvalid(
            "HCTAP_API_TRUSTED_PROXIES is not a list of networks.", remedy="Write it as 10.0.0.0/8,192.168.1.7."
        ) from None


def address_of(scope: Scope, trusted: Sequence[Network]) -> str | None:
    """The address of the caller: the last one in `X-Forwarded-For` that no trusted proxy has."""
    client = scope.get("client")
    peer: str | None = client[0] if client else None
    if peer is None or not _is_in(peer, trusted):
        return peer
    said = b",".join(value for name, value in scope["headers"] if name == FORWARDED[0]).decode("latin-1")
    for part in reversed([part.strip() for part in said.split(",") if part.strip()]):
        if not _is_address(part):
            # Whatever stands before it cannot be believed either.
            return peer
        if not _is_in(part, trusted):
            return part
        peer = part
    return peer


def is_forwarded(scope: Scope) -> bool:
    """Whether a proxy says that it passed the request on."""
    return any(name in FORWARDED for name, _ in scope["headers"])


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_in(text: str, networks: Sequence[Network]) -> bool:
    if not networks or not _is_address(text):
        return False
    address = ipaddress.ip_address(text)
    return any(address in network for network in networks)
