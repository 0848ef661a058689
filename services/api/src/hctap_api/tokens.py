"""Tokens of an OpenID provider: signed by one of its keys, for this API, not expired, with a role in a claim."""

import asyncio
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization

from hctap_core.errors import NotAllowed, NotSignedIn, StoreUnavailable
from hctap_core.permissions import Principal, Role

# Signatures that need the provider's private key; what anybody could make with a public one is not among them.
ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
LEEWAY_SECONDS: Final = 30
# Keys are asked for again for a key id that is not known, but not more often; and at the latest after an hour.
PAUSE_SECONDS: Final = 10.0
KEPT_SECONDS: Final = 3600.0
_TIMEOUT_SECONDS: Final = 5.0
_PARTS: Final = 3
_MOST_SUBJECT: Final = 200
_REMEDY: Final = "Sign in with the provider again, for this API."


@dataclass(frozen=True, slots=True)
class Provider:
    """Whose tokens are taken: issuer, audience, where its keys are (else its discovery says so), and roles.

    `role_claim` names the claim that holds roles, with dots between claims in claims; a role is known by its own name
    behind `role_prefix`.
    """

    issuer: str
    audience: str
    jwks_url: str | None = None
    role_claim: str = "roles"
    role_prefix: str = ""


class TokenReader:
    """Reads tokens of a provider; its keys are fetched when they are needed and kept."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._keys: dict[str, dict[str, Any]] = {}
        self._asked_at = float("-inf")
        self._lock = asyncio.Lock()
        self._claims = jwt.JWTClaimsRegistry(
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": provider.issuer},
            aud={"essential": True, "value": provider.audience},
            exp={"essential": True},
            sub={"essential": True},
        )

    async def read(self, token: str) -> Principal:
        """Whoever a token is of.

        Raises:
            NotSignedIn: If the token is not one of the provider for this API, or no longer.
            NotAllowed: If it names no role.
            StoreUnavailable: If the provider does not give its keys.
        """
        try:
            key_id = _key_id(token)
            await self._ensure_key(key_id)
            keys: KeySetSerialization = {"keys": [self._keys[key_id]]}
            decoded = jwt.decode(token, KeySet.import_key_set(keys), algorithms=list(ALGORITHMS))
            self._claims.validate(decoded.claims)
        except (JoseError, ValueError, KeyError, TypeError):
            # Whatever is wrong with a token, its sender learns no more than that.
            raise NotSignedIn("The token is not valid.", remedy=_REMEDY) from None
        return self._principal(decoded.claims)

    def _principal(self, claims: Mapping[str, Any]) -> Principal:
        subject = str(claims["sub"])
        if not subject.isprintable() or len(subject) > _MOST_SUBJECT:
            raise NotSignedIn("The token is not valid.", remedy=_REMEDY)
        named = {name for name in _names(claims, self._provider.role_claim) if isinstance(name, str)}
        roles = [role for role in Role if f"{self._provider.role_prefix}{role.value}" in named]
        if not roles:
            raise NotAllowed("The token names no role of this API.", remedy="Ask the provider's admin for a role.")
        # The roles are in rising order.
        return Principal(actor=f"oidc:{subject}", role=roles[-1])

    async def _ensure_key(self, key_id: str) -> None:
        async with self._lock:
            age = time.monotonic() - self._asked_at
            if (key_id in self._keys and age < KEPT_SECONDS) or age < PAUSE_SECONDS:
                return
            try:
                self._keys = {key["kid"]: key for key in await self._fetch() if _is_usable(key)}
            except StoreUnavailable:
                # A key that was good an hour ago is good until the provider says otherwise.
                if key_id not in self._keys:
                    raise
            self._asked_at = time.monotonic()

    async def _fetch(self) -> Collection[dict[str, Any]]:
        provider = self._provider
        try:
            async with httpx.AsyncClient(timeout=_TIMEOUT_SECONDS) as client:
                url = provider.jwks_url
                if url is None:
                    known = await client.get(f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration")
                    url = str(known.raise_for_status().json()["jwks_uri"])
                keys = (await client.get(url)).raise_for_status().json()["keys"]
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError):
            raise StoreUnavailable(
                "The OpenID provider does not give its keys.", remedy="See that HCTAP_OIDC_ISSUER can be reached."
            ) from None
        return [key for key in keys if isinstance(key, dict)]


def _key_id(token: str) -> str:
    from joserfc.jws import extract_compact

    if token.count(".") != _PARTS - 1:
        raise ValueError("no compact token")
    return str(extract_compact(token.encode("ascii")).headers()["kid"])


def _is_usable(key: Mapping[str, Any]) -> bool:
    # A symmetric key in a public set could be used by anybody to sign.
    return isinstance(key.get("kid"), str) and key.get("kty") != "oct" and key.get("use", "sig") == "sig"


def _names(claims: Mapping[str, Any], path: str) -> Collection[object]:
    found: object = claims
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    if isinstance(found, str):
        return found.split()
    return found if isinstance(found, list) else ()
