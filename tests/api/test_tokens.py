"""Tokens of a provider that this test is itself: with real keys, over real HTTP."""

import asyncio
import base64
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from tests.clinic import serve, settings_of

from hctap_api.main import create_app
from hctap_api.tokens import Provider, TokenReader
from hctap_core.errors import NotSignedIn, StoreUnavailable
from hctap_embedded.stack import Stack

AUDIENCE = "hctap"
RSA = RSAKey.generate_key(2048, {"kid": "rsa-1"})
EC = ECKey.generate_key("P-256", {"kid": "ec-1"})
STRANGER = RSAKey.generate_key(2048, {"kid": "rsa-1"})
SHARED = OctKey.generate_key(256, {"kid": "shared"})


class Issuer(ThreadingHTTPServer):
    """An OpenID provider: discovery and keys."""

    keys: list[Any]
    asked: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Answers(BaseHTTPRequestHandler):
    server: Issuer

    def do_GET(self) -> None:
        content: dict[str, Any] = {"jwks_uri": f"{self.server.url}/keys"}
        if self.path == "/keys":
            self.server.asked += 1
            content = {"keys": [key.as_dict(private=isinstance(key, OctKey)) for key in self.server.keys]}
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep silent."""


@contextmanager
def issue() -> Iterator[Issuer]:
    with Issuer(("127.0.0.1", 0), _Answers) as issuer:
        issuer.keys = [RSA, EC, SHARED]
        threading.Thread(target=issuer.serve_forever, daemon=True).start()
        yield issuer
        issuer.shutdown()


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with issue() as running:
        yield running


@pytest.fixture(scope="module")
def url(stack: Stack, api_url: str, clinic_database: str, issuer: Issuer) -> Iterator[str]:
    assert api_url
    more = {"HCTAP_API_OPEN": "0", "HCTAP_OIDC_ISSUER": issuer.url, "HCTAP_OIDC_AUDIENCE": AUDIENCE}
    with serve(create_app(settings_of(stack, clinic_database, **more))) as address:
        yield address


def claims_of(issuer: Issuer, **more: Any) -> dict[str, Any]:
    now = int(time.time())
    claims = {"iss": issuer.url, "aud": AUDIENCE, "sub": "ann", "exp": now + 300, "iat": now, "roles": ["reader"]}
    return {name: value for name, value in (claims | more).items() if value is not None}


def sign(claims: dict[str, Any], key: Any = RSA, algorithm: str = "RS256", **header: Any) -> str:
    head = {"alg": algorithm, "kid": key.kid, **header}
    return jwt.encode(head, claims, key, algorithms=[algorithm])


def _part(content: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def ask(url: str, token: str, path: str = "/v1/notes") -> httpx.Response:
    return httpx.get(f"{url}{path}", headers={b"Authorization": f"Bearer {token}".encode()})


@pytest.mark.stack
def test_a_token_lets_in_by_its_role(url: str, issuer: Issuer) -> None:
    assert ask(url, sign(claims_of(issuer))).status_code == 200
    assert ask(url, sign(claims_of(issuer), EC, "ES256")).status_code == 200
    assert ask(url, sign(claims_of(issuer)), "/v1/audit").status_code == 403
    assert ask(url, sign(claims_of(issuer, roles=["reader", "admin"])), "/v1/audit").status_code == 200
    ask(url, sign(claims_of(issuer, sub="bob")), "/v1/notes/cardiology-1").raise_for_status()
    entries = ask(url, sign(claims_of(issuer, roles="admin")), "/v1/audit?limit=5").json()["entries"]
    assert "oidc:bob" in {entry["actor"] for entry in entries}


@pytest.mark.stack
def test_a_token_without_a_role_may_nothing(url: str, issuer: Issuer) -> None:
    for roles in (None, [], ["root"], 7, {"reader": True}):
        assert ask(url, sign(claims_of(issuer, roles=roles))).status_code == 403


@pytest.mark.stack
@pytest.mark.parametrize(
    "more",
    [
        {"aud": "another"},
        {"aud": None},
        {"iss": "https://elsewhere.example"},
        {"iss": None},
        {"exp": int(time.time()) - 120},
        {"exp": None},
        {"sub": None},
        {"sub": "a\nb"},
        {"nbf": int(time.time()) + 600},
    ],
)
def test_a_token_for_others_or_another_time_is_none(url: str, issuer: Issuer, more: dict[str, Any]) -> None:
    answer = ask(url, sign(claims_of(issuer) | {name: value for name, value in more.items() if value is not None}))
    if None in more.values():
        answer = ask(url, sign(claims_of(issuer, **more)))
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:hctap:problem:not-signed-in")


@pytest.mark.stack
def test_a_token_that_the_provider_did_not_sign_is_none(url: str, issuer: Issuer) -> None:
    claims = claims_of(issuer, roles=["admin"])
    good = sign(claims)
    head, body, mark = good.split(".")
    unsigned = f"{_part({'alg': 'none', 'kid': 'rsa-1'})}.{body}."
    # The public key taken for a shared secret.
    confused = f"{_part({'alg': 'HS256', 'kid': 'rsa-1'})}.{body}"
    secret = hmac.digest(RSA.as_pem(private=False), confused.encode(), "sha256")
    forged = [
        unsigned,
        unsigned.rpartition(".")[0] + "." + mark,
        sign(claims, STRANGER),
        sign(claims, SHARED, "HS256"),
        f"{confused}.{base64.urlsafe_b64encode(secret).decode().rstrip('=')}",
        sign(claims, RSA, kid="unknown"),
        f"{head}.{sign(claims_of(issuer, sub='eve')).split('.')[1]}.{mark}",
        f"{head}.{body}.",
        "a.b.c",
        "..",
        "é.é.é",
    ]
    assert [ask(url, token).status_code for token in forged] == [401] * len(forged)
    assert ask(url, good).status_code == 200


def test_new_keys_of_the_provider_are_asked_for_and_not_for_every_wrong_token(monkeypatch: pytest.MonkeyPatch) -> None:
    async def rotate(issuer: Issuer) -> int:
        new = RSAKey.generate_key(2048, {"kid": "rsa-2"})
        reader = TokenReader(Provider(issuer.url, AUDIENCE))
        assert (await reader.read(sign(claims_of(issuer)))).actor == "oidc:ann"
        issuer.keys = [new]
        with pytest.raises(NotSignedIn):
            await reader.read(sign(claims_of(issuer), new))
        monkeypatch.setattr("hctap_api.tokens.PAUSE_SECONDS", 0.0)
        assert (await reader.read(sign(claims_of(issuer), new))).actor == "oidc:ann"
        with pytest.raises(NotSignedIn):
            await reader.read(sign(claims_of(issuer)))
        return issuer.asked

    with issue() as rotating:
        assert asyncio.run(rotate(rotating)) == 3


def test_a_provider_that_is_away_is_no_wrong_token() -> None:
    reader = TokenReader(Provider("http://127.0.0.1:9", AUDIENCE))
    with issue() as issuer, pytest.raises(StoreUnavailable):
        asyncio.run(reader.read(sign(claims_of(issuer))))


def test_roles_may_lie_deeper_and_have_a_prefix() -> None:
    with issue() as issuer:
        provider = Provider(issuer.url, AUDIENCE, f"{issuer.url}/keys", "realm_access.roles", "hctap-")
        claims = claims_of(issuer, roles=None, realm_access={"roles": ["hctap-analyst", "admin"]})
        assert asyncio.run(TokenReader(provider).read(sign(claims))).role.value == "analyst"
