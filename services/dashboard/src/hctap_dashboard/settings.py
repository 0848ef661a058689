"""What the environment says to the dashboard; in rising priority: the stack's own file, `.env`, the environment."""

import os
from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from hctap_core.errors import SettingsInvalid
from hctap_core.home import STACK_ENV, find_home
from hctap_dashboard.openid import Registration, Token

DEFAULT_PORT = 8501


class Settings(BaseSettings):
    """Where the dashboard listens and where its API is; every name is prefixed with `HCTAP_`."""

    model_config = SettingsConfigDict(env_prefix="HCTAP_", env_ignore_empty=True, extra="ignore", frozen=True)

    api_url: str = "http://127.0.0.1:8000"
    api_key: str | None = Field(default=None, repr=False)
    dashboard_host: str = "127.0.0.1"
    dashboard_idle_minutes: float = Field(default=30, gt=0, le=24 * 60)
    dashboard_port: int = Field(default=DEFAULT_PORT, ge=1, le=65535)
    dashboard_url: str | None = Field(default=None, pattern="^https?://")
    dashboard_cookie_secret: str | None = Field(default=None, min_length=32, repr=False)
    dashboard_metrics_url: str | None = Field(default=None, pattern="^https?://")
    dashboard_logs_url: str | None = Field(default=None, pattern="^https?://")
    oidc_issuer: str | None = Field(default=None, pattern="^https?://")
    oidc_audience: str | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: str | None = Field(default=None, repr=False)
    oidc_scopes: str = Field(default="openid profile email", pattern=r"\bopenid\b")
    oidc_token: Token = Field(default="access")

    @property
    def registration(self) -> Registration | None:
        """The provider that people sign in at; None where they sign in with keys.

        Raises:
            SettingsInvalid: Half of what a provider needs is set.
        """
        if self.oidc_client_id is None:
            return None
        if self.oidc_issuer is None or self.oidc_client_secret is None:
            raise SettingsInvalid(
                "HCTAP_OIDC_CLIENT_ID is set, but not HCTAP_OIDC_ISSUER and HCTAP_OIDC_CLIENT_SECRET.",
                remedy="Set all three as the provider gave them, or none.",
            )
        return Registration(
            issuer=self.oidc_issuer,
            client_id=self.oidc_client_id,
            client_secret=self.oidc_client_secret,
            url=self.dashboard_url or f"http://{self.dashboard_host}:{self.dashboard_port}",
            scopes=self.oidc_scopes,
            token=self.oidc_token,
            audience=self.oidc_audience,
            cookie_secret=self.dashboard_cookie_secret,
        )


def read_settings() -> Settings:
    """The settings of this process.

    Raises:
        SettingsInvalid: A setting makes no sense.
    """
    home = find_home(os.environ, Path.cwd())
    try:
        return Settings(_env_file=(home / STACK_ENV, Path(".env")))  # type: ignore[call-arg]  # unknown to mypy
    except ValidationError as error:
        names = sorted({f"HCTAP_{str(item['loc'][0]).upper()}" for item in error.errors(include_input=False)})
        raise SettingsInvalid(
            f"These settings make no sense: {', '.join(names)}.", remedy="Correct them or unset them."
        ) from None
