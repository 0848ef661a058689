"""The provider that people sign in at, as Streamlit wants to be told of it: in a file of secrets, made at start."""

import json
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

from hctap_dashboard.serving import BASE_PATH

# By this name Streamlit knows the provider.
PROVIDER: Final = "oidc"
Token = Literal["access", "id"]


@dataclass(frozen=True, slots=True)
class Registration:
    """The dashboard as a provider knows it; `url` is the dashboard's own as browsers reach it, without the path.

    `token` says which of the provider's tokens the API takes; `audience` is asked for, since some providers want it.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    url: str
    scopes: str = "openid profile email"
    token: Token = field(default="access")
    audience: str | None = None
    cookie_secret: str | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """The provider by its host."""
        return urlsplit(self.issuer).hostname or self.issuer


@contextmanager
def kept_secrets(registration: Registration | None) -> Iterator[list[str]]:
    """The files of Streamlit's secrets: one that nobody else may read, gone at the end; none without a provider."""
    if registration is None:
        yield []
        return
    # A folder of this kind is its maker's alone.
    with tempfile.TemporaryDirectory(prefix="hctap-dashboard-") as folder:
        path = Path(folder) / "secrets.toml"
        path.write_text(render_secrets(registration), "utf-8")
        yield [str(path)]


def render_secrets(registration: Registration) -> str:
    """What Streamlit is told, as TOML; without a cookie secret of its own a dashboard makes one for its lifetime."""
    shared = {
        "redirect_uri": f"{registration.url.rstrip('/')}/{BASE_PATH}/oauth2callback",
        "cookie_secret": registration.cookie_secret or secrets.token_hex(32),
        "expose_tokens": registration.token,
    }
    own = {
        "client_id": registration.client_id,
        "client_secret": registration.client_secret,
        "server_metadata_url": f"{registration.issuer.rstrip('/')}/.well-known/openid-configuration",
    }
    lines = ["[auth]", *_lines(shared), f"[auth.{PROVIDER}]", *_lines(own)]
    lines.append(f"client_kwargs = {{ scope = {_quote(registration.scopes)} }}")
    if registration.audience:
        lines.append(f"authorize_params = {{ audience = {_quote(registration.audience)} }}")
    return "\n".join(lines) + "\n"


def _lines(said: Mapping[str, str]) -> list[str]:
    return [f"{name} = {_quote(value)}" for name, value in said.items()]


def _quote(value: str) -> str:
    # A string of JSON is one of TOML, as long as nothing beyond the basic plane is written as two halves.
    return json.dumps(value, ensure_ascii=False)
