"""What the environment says to the dashboard; in rising priority: the stack's own file, `.env`, the environment."""

import os
from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from hctap_core.errors import SettingsInvalid
from hctap_core.home import STACK_ENV, find_home

DEFAULT_PORT = 8501


class Settings(BaseSettings):
    """Where the dashboard listens and where its API is; every name is prefixed with `HCTAP_`."""

    model_config = SettingsConfigDict(env_prefix="HCTAP_", env_ignore_empty=True, extra="ignore", frozen=True)

    api_url: str = "http://127.0.0.1:8000"
    api_key: str | None = Field(default=None, repr=False)
    dashboard_host: str = "127.0.0.1"
    dashboard_idle_minutes: float = Field(default=30, gt=0, le=24 * 60)
    dashboard_port: int = Field(default=DEFAULT_PORT, ge=1, le=65535)


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
