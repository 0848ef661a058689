"""Who asks, whether they may, and that it is written down."""

import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypedDict, Unpack

from fastapi import Depends, Request
from fastapi.params import Depends as DependsParameter

from hctap_api.addresses import Network, address_of, is_forwarded
from hctap_api.envelope import ALLOWANCE_KEY
from hctap_api.limits import RateLimiter
from hctap_api.request_ids import request_id_of
from hctap_api.tokens import TokenReader
from hctap_api.unknown_parameters import refuse_unknown_parameters
from hctap_core.errors import NotAllowed, NotSignedIn, TooManyRequests
from hctap_core.permissions import CHANGING, Identity, Permission, Principal, Role
from hctap_stores.database.auditing import Access, AuditLog
from hctap_stores.database.keys import PREFIX, find_key
from hctap_stores.database.pool import Pool

# So long a revoked key may still be let in, and so long a busy one is not looked up again.
REMEMBERED_SECONDS: Final = 5.0
_MOST_REMEMBERED: Final = 10_000
_SCOPE_KEY: Final = "hctap.principal"
_OPEN: Final = Principal(actor="open", role=Role.ADMIN)
_BEARER: Final = "bearer "
_SIGNED_BY_AWS: Final = "AWS4-HMAC-SHA256 "


class Named(TypedDict, total=False):
    """What an audit row names beside the action; `notes` counts notes whose text is in the answer, else 1."""

    note_id: str | None
    run_id: str | None
    notes: int


@dataclass
class Gate:
    """Lets a request in by its key or its token; an open one asks for none, and knows no proxy before it."""

    pool: Pool
    audit: AuditLog
    limiter: RateLimiter
    is_open: bool
    is_read_only: bool = False
    trusted_proxies: Sequence[Network] = ()
    tokens: TokenReader | None = None
    _known: dict[str, tuple[Principal, float]] = field(default_factory=dict)

    def requires(self, permission: Permission) -> Callable[[Request], Coroutine[Any, Any, None]]:
        """A dependency that lets in whoever may do this."""

        async def admit(request: Request) -> None:
            principal = await self._admitted(request)
            request.scope[_SCOPE_KEY] = principal
            if request.scope["query_string"]:
                refuse_unknown_parameters(request)
            if self.is_read_only and permission in CHANGING:
                raise NotAllowed("This API is read-only.", remedy="Unset HCTAP_API_READ_ONLY to allow changes.")
            if not principal.may(permission):
                raise NotAllowed(f"The key may not do {permission.value}.", remedy="Ask an admin for another key.")

        return admit

    async def identify(self, request: Request) -> Identity:
        """Whoever asks, with what they may do here; asks for no permission."""
        principal = await self._admitted(request)
        allowed = (permission for permission in Permission if principal.may(permission))
        here = tuple(permission for permission in allowed if not (self.is_read_only and permission in CHANGING))
        return Identity(actor=principal.actor, role=principal.role, permissions=here)

    async def record(self, request: Request, action: str, **named: Unpack[Named]) -> None:
        """Write down that the answer to a request holds the text of notes; returns when that is durable."""
        await self.audit.record(self.access(request, action, **named))

    def access(self, request: Request, action: str, **named: Unpack[Named]) -> Access:
        """What is to be written down of a request."""
        principal = principal_of(request)
        return Access(
            actor=principal.actor,
            role=principal.role.value,
            address=address_of(request.scope, self.trusted_proxies),
            action=action,
            request_id=request_id_of(request.scope),
            **named,
        )

    async def _admitted(self, request: Request) -> Principal:
        address = address_of(request.scope, self.trusted_proxies) or "unknown"
        try:
            principal = await self._principal(request)
        except NotSignedIn:
            # Whoever tries keys is counted too, by where they come from.
            await self._count(request, address)
            raise
        await self._count(request, address if principal is _OPEN else principal.actor)
        return principal

    async def _count(self, request: Request, caller: str) -> None:
        allowance = await self.limiter.take(caller)
        request.scope[ALLOWANCE_KEY] = allowance
        if allowance is not None and allowance.is_exceeded:
            raise TooManyRequests(
                f"More than {allowance.limit} requests a minute.", remedy="Wait as long as Retry-After says."
            )

    async def _principal(self, request: Request) -> Principal:
        token = _token_of(request)
        if self.is_open and token is None:
            if is_forwarded(request.scope):
                # Behind a proxy everybody would be on loopback.
                raise NotSignedIn("An open API answers to no proxy.", remedy="Set HCTAP_API_OPEN=0 and use keys.")
            return _OPEN
        if token is None:
            raise NotSignedIn("A key is needed.", remedy="Send it as `Authorization: Bearer KEY`, or as `X-API-Key`.")
        known = self._known.get(token)
        if known is not None and known[1] > time.monotonic():
            return known[0]
        self._known.pop(token, None)
        principal = await self._find(token)
        if len(self._known) >= _MOST_REMEMBERED:
            self._known.clear()
        self._known[token] = (principal, time.monotonic() + REMEMBERED_SECONDS)
        return principal

    async def _find(self, token: str) -> Principal:
        if self.tokens is not None and not token.startswith(f"{PREFIX}_"):
            return await self.tokens.read(token)
        key = await find_key(self.pool, token)
        if key is None:
            raise NotSignedIn("The key is not valid.", remedy="It may be revoked or expired; ask an admin for another.")
        scopes = None if key.scopes is None else frozenset(key.scopes)
        return Principal(actor=key.key_id, role=key.role, scopes=scopes)


def principal_of(request: Request) -> Principal:
    """Whoever was let in with this request."""
    principal: Principal = request.scope[_SCOPE_KEY]
    return principal


def needs(gate: Gate, permission: Permission) -> list[DependsParameter]:
    """The `dependencies` of a route that needs a permission."""
    return [Depends(gate.requires(permission))]


def _token_of(request: Request) -> str | None:
    given = request.headers.get("authorization", "")
    if given[: len(_BEARER)].lower() == _BEARER:
        return given[len(_BEARER) :].strip()
    if given.startswith(_SIGNED_BY_AWS):
        # The secret of a signature is not kept here, so the key comes as the session token.
        return request.headers.get("x-amz-security-token")
    if given:
        raise NotSignedIn("Only bearer keys are taken.", remedy="Send `Authorization: Bearer KEY`.")
    return request.headers.get("x-api-key")
