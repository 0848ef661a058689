"""An environment as its file describes it, checked before anything is made of it."""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal, Self

import yaml
from pydantic import Field, ValidationError, model_validator

from hctap_core.errors import SettingsInvalid
from hctap_infra.environment_parts import (
    Backups,
    Cache,
    Database,
    Deployment,
    Edge,
    Etl,
    Images,
    Lake,
    Monitoring,
    Network,
    Part,
    Security,
    Service,
)
from hctap_infra.identity import Identity

EnvironmentName = Literal["dev", "staging", "prod"]
NAMES: Final[tuple[EnvironmentName, ...]] = ("dev", "staging", "prod")


class Environment(Part):
    """One environment, with all that its stacks are told."""

    name: EnvironmentName
    project: str = Field(pattern="^[a-z][a-z0-9-]{1,15}$")
    region: str
    owner: str
    cost_center: str
    is_protected: bool
    network: Network
    lake: Lake
    database: Database
    cache: Cache
    deployment: Deployment
    etl: Etl
    api: Service
    dashboard: Service
    edge: Edge
    identity: Identity | None = None
    security: Security
    monitoring: Monitoring
    images: Images
    backups: Backups

    @model_validator(mode="after")
    def _has_an_address(self) -> Self:
        if self.identity and self.identity.dashboard and not self.edge.domain:
            raise ValueError("identity.dashboard needs edge.domain: the provider leads people back to its address")
        return self

    def name_of(self, part: str) -> str:
        """The name of a part, which is told apart from those of the other environments."""
        return f"{self.project}-{self.name}-{part}"

    def global_name_of(self, part: str) -> str:
        """The name of what an account has once for all regions, so that two of them can hold the same environment."""
        return f"{self.name_of(part)}-{self.region}"


def read_environment(name: str, own: Path | None = None, region: str | None = None) -> Environment:
    """The environment of a name; `own` lies over the product's file, `region` over both.

    Raises:
        SettingsInvalid: With the keys that make no sense.
    """
    if name not in NAMES:
        raise SettingsInvalid(f"There is no environment {name!r}.", remedy=f"Give ENV={'|'.join(NAMES)}.")
    theirs = yaml.safe_load((files("hctap_infra") / "environments.yaml").read_text(encoding="utf-8"))
    mine = yaml.safe_load(own.read_text(encoding="utf-8")) if own else {}
    merged: dict[str, Any] = {}
    for layer in (theirs["shared"], theirs[name], mine.get("shared", {}), mine.get(name, {})):
        merged = _lay_over(merged, layer)
    merged |= {"name": name} | ({"region": region} if region else {})
    for part, copy in (("lake", "replicate_to"), ("backups", "copy_to")):
        if merged[part].get(copy) == merged["region"]:
            # Where the copies lie, a stack has nothing to copy to.
            merged[part] = merged[part] | {copy: None}
    try:
        return Environment.model_validate(merged)
    except ValidationError as error:
        wrong = [f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()]
        raise SettingsInvalid(
            f"The environment {name} makes no sense: {'; '.join(wrong)}.", remedy="Correct infra/own.yaml."
        ) from None


def _lay_over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    both = {key: _lay_over(below[key], above[key]) for key in above if _are_maps(below.get(key), above[key])}
    return {**below, **above, **both}


def _are_maps(*values: object) -> bool:
    return all(isinstance(value, Mapping) for value in values)
