"""Who looks at a page, and through which client."""

from dataclasses import dataclass

from hctap_client import Client
from hctap_core.permissions import Identity, Permission


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person with a client that has their key or token; the API alone decides what they may do.

    `name` is what the provider calls them, where they signed in at one.
    """

    client: Client
    identity: Identity
    has_own_key: bool = False
    name: str | None = None

    def may(self, permission: Permission) -> bool:
        """Whether to offer it; the API is asked again when it is done."""
        return self.identity.may(permission)
