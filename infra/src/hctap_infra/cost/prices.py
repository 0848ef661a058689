"""The price table, and what an environment at rest uses."""

from collections.abc import Mapping
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from hctap_core.errors import SettingsInvalid


class Price(BaseModel):
    """A price in US dollars; `read` is None where it was not looked up."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dollars: float
    source: str
    read: date | None = None


class Usage(BaseModel):
    """What an environment at rest uses in a month."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    lake_gb: float
    registry_gb: float
    log_gb: float
    nat_gb: float
    balancer_lcu: float
    insights_metrics: int
    config_evaluations: int
    etl_minutes: float
    night_hours: float


class Prices(BaseModel):
    """The whole table."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    region: str
    hours: float
    prices: Mapping[str, Price]
    usage: Usage
    stated: Mapping[str, tuple[str, ...]]

    def of(self, name: str) -> float:
        """The price of something.

        Raises:
            SettingsInvalid: If the table has none.
        """
        if name not in self.prices:
            raise SettingsInvalid(f"The price table has no {name!r}.", remedy="Add it to a copy, given with PRICES=.")
        return self.prices[name].dollars

    def a_month(self, name: str) -> float:
        """The price of an hour, for a month."""
        return self.of(name) * self.hours


def read_prices(path: Path | None = None) -> Prices:
    """The table of a file, the product's own by default.

    Raises:
        SettingsInvalid: With the keys that make no sense.
    """
    text = path.read_text(encoding="utf-8") if path else (files("hctap_infra.cost") / "prices.yaml").read_text("utf-8")
    table: dict[str, Any] = yaml.safe_load(text)
    try:
        return Prices.model_validate(table)
    except ValidationError as error:
        wrong = ", ".join(".".join(map(str, item["loc"])) for item in error.errors())
        raise SettingsInvalid(f"The price table makes no sense: {wrong}.", remedy="Correct it.") from None
