"""The typed HTTP client of the HC-TAP API."""

from hctap_client.client import Client

__all__ = ["Client"]
