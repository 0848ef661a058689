"""The names of the remote extractors and what they are told, for those who must not load a client."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

REMOTE_EXTRACTORS: Final = ("comprehend", "bedrock")


@dataclass(frozen=True, slots=True)
class RemoteOptions:
    """Whether text may leave the machine, and how: where to, by which model and table of prices, for how much."""

    is_allowed: bool = False
    region: str | None = None
    model: str | None = None
    prices: Path | None = None
    max_cost: float | None = None
