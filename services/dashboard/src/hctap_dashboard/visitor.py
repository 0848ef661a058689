"""Who looks at a page, and through which client."""

from dataclasses import dataclass

from hctap_client import Client
from hctap_core.permissions import Identity, Permission


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person with a client that has their key; the API alone decides what they may do."""

    client: Client
    identity: Identity
    has_own_key: bool = False

    def may(self, permission: Permission) -> bool:
        """Whether to offer it; the API is asked again when it is done."""
        return self.identity.may(permission)
