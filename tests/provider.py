"""A small OpenID provider for tests: discovery, keys, authorization with PKCE, tokens and the end of a session."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID: Final = "dashboard"
CLIENT_SECRET: Final = 'a "quoted" secret \\ with signs'
AUDIENCE: Final = "hctap"
KEY: Final = RSAKey.generate_key(2048, {"kid": "provider-1", "use": "sig"})


class SmallProvider(ThreadingHTTPServer):
    """Signs in, without asking, whoever `person` says; `roles` and `access_lives_seconds` are of access tokens."""

    daemon_threads = True
    person: str = "Ann Example"
    roles: tuple[str, ...] = ("reader",)
    access_lives_seconds: int = 600

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[dict[str, str]] = []
        self.ended: list[str] = []

    @property
    def url(self) -> str:
        """The issuer."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def discovery(self) -> dict[str, Any]:
        """What is known of the provider."""
        places = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        return {
            "issuer": self.url,
            **{name: f"{self.url}/{place}" for name, place in places.items()},
            "end_session_endpoint": f"{self.url}/end",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }

    def sign(self, audience: str, **more: Any) -> str:
        """A token of the person."""
        now = int(time.time())
        claims = {"iss": self.url, "sub": "ann", "iat": now, "exp": now + 600, "aud": audience, **more}
        return jwt.encode({"alg": "RS256", "kid": KEY.kid}, claims, KEY)

    def grant(self, given: dict[str, str]) -> dict[str, Any] | None:
        """The tokens for a code, once, for who has the verifier to its challenge."""
        asked = self.codes.pop(given.get("code", ""), None)
        digest = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if asked is None or asked.get("code_challenge") != challenge:
            return None
        return {
            "access_token": self.sign(
                AUDIENCE, roles=list(self.roles), exp=int(time.time()) + self.access_lives_seconds
            ),
            "id_token": self.sign(CLIENT_ID, name=self.person, nonce=asked["nonce"]),
            "token_type": "Bearer",
            "expires_in": 600,
        }


class _Answers(BaseHTTPRequestHandler):
    server: SmallProvider

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        given = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/.well-known/openid-configuration":
            self._answer(self.server.discovery())
        elif parts.path == "/keys":
            self._answer({"keys": [KEY.as_dict(private=False)]})
        elif parts.path == "/authorize" and given.get("client_id") == CLIENT_ID:
            code = secrets.token_urlsafe(8)
            self.server.codes[code] = given
            self.server.asked.append(given)
            self._lead(f"{given['redirect_uri']}?{urlencode({'code': code, 'state': given['state']})}")
        elif parts.path == "/end":
            self.server.ended.append(given["client_id"])
            self._lead(given["post_logout_redirect_uri"])
        else:
            self._answer({"error": "invalid_request"}, 400)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        given = {name: values[0] for name, values in parse_qs(body).items()}
        known = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        tokens = self.server.grant(given) if self.headers.get("Authorization") == f"Basic {known}" else None
        self._answer(tokens or {"error": "invalid_grant"}, 200 if tokens else 400)

    def _answer(self, content: dict[str, Any], status: int = 200) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _lead(self, url: str) -> None:
        self.send_response(302)
        self.send_header("Location", url)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep silent."""


@contextmanager
def provide() -> Iterator[SmallProvider]:
    """The provider, running."""
    with SmallProvider() as provider:
        thread = threading.Thread(target=provider.serve_forever, daemon=True)
        thread.start()
        yield provider
        provider.shutdown()
        thread.join(20)
