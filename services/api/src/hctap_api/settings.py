"""What the environment says to the API; in rising priority: the stack's own file, `.env`, the environment."""

import os
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from hctap_core.errors import SettingsInvalid
from hctap_core.home import STACK_ENV, find_home, find_terms

DEFAULT_PORT = 8000
# Each holds an engine of about 300 MB; the event loop and the database want a core too.
DEFAULT_WORKERS = max(1, min(4, (os.cpu_count() or 1) - 1))


class Settings(BaseSettings):
    """Where the API listens and what it stands on; every name is prefixed with `HCTAP_` but for AWS's own."""

    model_config = SettingsConfigDict(env_prefix="HCTAP_", env_ignore_empty=True, extra="ignore", frozen=True)

    api_host: str = "127.0.0.1"
    api_port: int = Field(default=DEFAULT_PORT, ge=1, le=65535)
    api_open: bool | None = None
    api_read_only: bool = False
    api_requests_per_minute: int = Field(default=6000, ge=0, le=10_000_000)
    api_old_paths: bool = True
    api_trusted_proxies: Annotated[tuple[str, ...], NoDecode] = ()
    api_cors_origins: Annotated[tuple[str, ...], NoDecode] = ()
    metrics_folder: Path | None = Field(default=None, validation_alias="PROMETHEUS_MULTIPROC_DIR")
    oidc_issuer: str | None = Field(default=None, pattern="^https?://")
    oidc_audience: str | None = None
    oidc_jwks_url: str | None = Field(default=None, pattern="^https?://")
    oidc_role_claim: str = Field(default="roles", min_length=1)
    oidc_role_prefix: str = ""
    api_workers: int = Field(default=DEFAULT_WORKERS, ge=0, le=64)
    api_max_body_bytes: int = Field(default=11 * 1_048_576, ge=1024, le=1024 * 1_048_576)
    home: Path = Path()
    terms: Path | None = None
    api_allowed_hosts: Annotated[tuple[str, ...], NoDecode] = ("127.0.0.1", "localhost", "::1")
    database_url: str = ""
    database_connections: int = Field(default=10, ge=1, le=200)
    redis_url: str = ""
    redis_password: str | None = Field(default=None, repr=False)
    raw_bucket: str = Field(default="hc-tap-raw-notes", min_length=3)
    enriched_bucket: str = Field(default="hc-tap-enriched-entities", min_length=3)
    api_vitals_seconds: float = Field(default=0, ge=0, le=3600)
    freshness_minutes: float = Field(default=120, gt=0, le=1e6)
    ready_limit_seconds: float = Field(default=2.0, gt=0, le=60)
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")
    s3_endpoint: str | None = Field(default=None, validation_alias="AWS_ENDPOINT_URL")
    s3_access_key_id: str | None = Field(default=None, validation_alias="AWS_ACCESS_KEY_ID", repr=False)
    s3_secret_access_key: str | None = Field(default=None, validation_alias="AWS_SECRET_ACCESS_KEY", repr=False)
    s3_session_token: str | None = Field(default=None, validation_alias="AWS_SESSION_TOKEN", repr=False)
    s3_region: str = Field(default="us-east-1", validation_alias="AWS_DEFAULT_REGION")

    @property
    def vocabulary_folder(self) -> Path:
        """Where compiled vocabularies are kept."""
        return self.home / "vocabulary"

    @property
    def terms_folder(self) -> Path | None:
        """The folder of the user's own terms, if any."""
        return find_terms(self.home, self.terms)

    @field_validator("api_allowed_hosts", "api_trusted_proxies", "api_cors_origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def read_settings() -> Settings:
    """The settings of this process.

    Raises:
        SettingsInvalid: A setting makes no sense, or one that the API needs is missing.
    """
    home = find_home(os.environ, Path.cwd())
    try:
        settings = Settings(home=home, _env_file=(home / STACK_ENV, Path(".env")))  # type: ignore[call-arg]  # unknown to mypy
    except ValidationError as error:
        names = sorted({_name(str(item["loc"][0])) for item in error.errors(include_input=False)})
        raise SettingsInvalid(
            f"These settings make no sense: {', '.join(names)}.", remedy="Correct them or unset them."
        ) from None
    if not settings.database_url:
        raise SettingsInvalid(
            "HCTAP_DATABASE_URL is not set.", remedy="Start the stack with `make up`, or set HCTAP_DATABASE_URL."
        )
    return settings


def _name(field: str) -> str:
    return field if field.startswith("AWS_") else f"HCTAP_{field.upper()}"
