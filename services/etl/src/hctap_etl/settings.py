"""The settings of the command line: `stack.env` in the home, `.env` in the working folder, the environment."""

import os
from pathlib import Path

from pydantic import AliasChoices, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from hctap_core.errors import SettingsInvalid
from hctap_core.home import STACK_ENV, find_home
from hctap_core.phi import PhiPolicy
from hctap_etl.lineage.server import LineageServer
from hctap_remote.options import RemoteOptions
from hctap_stores.lake.address import LakeAddress


class Settings(BaseSettings):
    """Where the stores are; an empty value counts as not given."""

    model_config = SettingsConfigDict(env_ignore_empty=False, extra="ignore", frozen=True, populate_by_name=True)

    database_url: str | None = Field(None, alias="HCTAP_DATABASE_URL")
    raw_bucket: str = Field("hc-tap-raw-notes", alias="HCTAP_RAW_BUCKET", min_length=3)
    enriched_bucket: str = Field("hc-tap-enriched-entities", alias="HCTAP_ENRICHED_BUCKET", min_length=3)
    endpoint_url: str | None = Field(None, validation_alias=AliasChoices("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"))
    region: str | None = Field(None, validation_alias=AliasChoices("AWS_REGION", "AWS_DEFAULT_REGION"))
    access_key_id: str | None = Field(None, alias="AWS_ACCESS_KEY_ID")
    secret_access_key: str | None = Field(None, alias="AWS_SECRET_ACCESS_KEY", repr=False)
    session_token: str | None = Field(None, alias="AWS_SESSION_TOKEN", repr=False)
    lake_forgets: bool = Field(default=False, alias="HCTAP_LAKE_FORGETS")
    terms: Path | None = Field(None, alias="HCTAP_TERMS")
    lineage_url: str | None = Field(
        None, validation_alias=AliasChoices("HCTAP_OPENLINEAGE_URL", "OPENLINEAGE_URL"), pattern="^(|https?://.+)$"
    )
    lineage_api_key: str | None = Field(
        None, validation_alias=AliasChoices("HCTAP_OPENLINEAGE_API_KEY", "OPENLINEAGE_API_KEY"), repr=False
    )
    phi_policy: PhiPolicy = Field(PhiPolicy.REPORT, alias="HCTAP_PHI_POLICY")
    allow_remote: bool = Field(default=False, alias="HCTAP_ALLOW_REMOTE")
    bedrock_model: str | None = Field(None, alias="HCTAP_BEDROCK_MODEL")
    prices: Path | None = Field(None, alias="HCTAP_PRICES")
    drift_threshold: float = Field(0.2, alias="HCTAP_DRIFT_THRESHOLD", gt=0)
    freshness_minutes: float = Field(120, alias="HCTAP_FRESHNESS_MINUTES", gt=0)
    schedule: str | None = Field(None, alias="HCTAP_SCHEDULE")
    heartbeat_seconds: float = Field(10.0, alias="HCTAP_HEARTBEAT_SECONDS", gt=0, le=600)
    worker_port: int | None = Field(None, alias="HCTAP_WORKER_PORT", ge=1, le=65535)
    log_level: str = Field("", alias="HCTAP_LOG_LEVEL", pattern="^(|DEBUG|INFO|WARNING|ERROR)$")

    @property
    def terms_folder(self) -> Path | None:
        """Where the user's own terms are, unless in the home."""
        return self.terms if self.terms and self.terms.name else None

    @property
    def remote(self) -> RemoteOptions:
        """Whether and how text may leave the machine."""
        return RemoteOptions(self.allow_remote, self.region or None, self.bedrock_model or None, self.prices)

    @property
    def lake(self) -> LakeAddress:
        """Where the lake is."""
        return LakeAddress(
            raw_bucket=self.raw_bucket,
            enriched_bucket=self.enriched_bucket,
            endpoint_url=self.endpoint_url or None,
            region=self.region or None,
            access_key_id=self.access_key_id or None,
            secret_access_key=self.secret_access_key or None,
            session_token=self.session_token or None,
            forgets=self.lake_forgets,
        )

    @property
    def lineage_server(self) -> LineageServer | None:
        """The OpenLineage server that events are sent to, None if there is none."""
        return LineageServer(self.lineage_url, self.lineage_api_key or None) if self.lineage_url else None


def read_home() -> Path:
    """The folder where this checkout keeps its data."""
    return find_home(os.environ, Path.cwd())


def read_settings(home: Path) -> Settings:
    """The settings as files and environment give them.

    Raises:
        SettingsInvalid: With the names of the settings that make no sense.
    """
    try:
        return Settings(_env_file=(home / STACK_ENV, ".env"))  # type: ignore[call-arg]
    except ValidationError as error:
        names = sorted({str(item["loc"][0]) for item in error.errors(include_input=False)})
        raise SettingsInvalid(f"These settings make no sense: {', '.join(names)}.", remedy="Correct them.") from None
