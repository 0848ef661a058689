"""Where a request comes from."""

import pytest
from starlette.types import Scope

from hctap_api.addresses import address_of, read_networks
from hctap_core.errors import SettingsInvalid

TRUSTED = read_networks(["10.0.0.0/8", "::1"])


def scope_of(peer: str | None, *said: str) -> Scope:
    headers = [(b"x-forwarded-for", value.encode()) for value in said]
    return {"type": "http", "client": (peer, 1) if peer else None, "headers": headers}


@pytest.mark.parametrize(
    ("peer", "said", "expected"),
    [
        ("192.0.2.1", (), "192.0.2.1"),
        ("192.0.2.1", ("198.51.100.9",), "192.0.2.1"),  # anybody can say anything
        ("10.0.0.1", ("198.51.100.9",), "198.51.100.9"),
        ("10.0.0.1", ("1.2.3.4, 198.51.100.9",), "198.51.100.9"),  # the first was said by the caller
        ("10.0.0.1", ("1.2.3.4", "198.51.100.9, 10.0.0.2"), "198.51.100.9"),
        ("10.0.0.1", ("nonsense, 10.0.0.2",), "10.0.0.2"),
        ("10.0.0.1", (), "10.0.0.1"),
        ("::1", ("2001:db8::7",), "2001:db8::7"),
        (None, ("198.51.100.9",), None),
    ],
)
def test_only_a_trusted_proxy_is_believed(peer: str | None, said: tuple[str, ...], expected: str | None) -> None:
    assert address_of(scope_of(peer, *said), TRUSTED) == expected


def test_what_is_no_network_is_refused() -> None:
    with pytest.raises(SettingsInvalid, match="HCTAP_API_TRUSTED_PROXIES"):
        read_networks(["proxy.example"])
