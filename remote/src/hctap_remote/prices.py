"""What requests cost, by a dated table."""

from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hctap_core.errors import SettingsInvalid

UNIT_CHARACTERS: Final = 100
_MILLION: Final = 1_000_000


class TokenPrices(BaseModel):
    """US dollars for a million tokens."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: float = Field(ge=0)
    output: float = Field(ge=0)


class Prices(BaseModel):
    """A table of list prices and the day on which it was captured."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    captured: date
    sources: dict[str, str] = Field(default_factory=dict)
    comprehend: dict[str, float]
    bedrock: dict[str, TokenPrices]

    def of_units(self, operation: str, units: int) -> float | None:
        """What units of an operation of Comprehend Medical cost; None where the table does not know."""
        price = self.comprehend.get(operation)
        return None if price is None else price * units

    def of_tokens(self, model: str, input_tokens: int, output_tokens: int) -> float | None:
        """What tokens of a model cost; None where the table does not know."""
        price = self.bedrock.get(model)
        return None if price is None else (price.input * input_tokens + price.output * output_tokens) / _MILLION


def load_prices(path: Path | None = None) -> Prices:
    """The table in a file, or the one that ships.

    Raises:
        SettingsInvalid: If the file is no table of prices.
    """
    try:
        text = path.read_text(encoding="utf-8") if path else (files("hctap_remote") / "prices.yaml").read_text("utf-8")
        return Prices.model_validate(yaml.safe_load(text))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValidationError):
        raise SettingsInvalid(
            f"{path} is no table of prices.", remedy="Copy hctap_remote/prices.yaml and correct it."
        ) from None


def units_of(text: str) -> int:
    """The units of a request with this text."""
    return max(1, -(-len(text) // UNIT_CHARACTERS))
