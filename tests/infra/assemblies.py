"""The synthesised templates of an environment, and questions to them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hctap_infra.environments import Environment

Properties = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Resource:
    stack: str
    name: str
    kind: str
    properties: Properties


@dataclass(frozen=True, slots=True)
class Assembly:
    environment: Environment
    folder: Path

    @property
    def templates(self) -> dict[str, dict[str, Any]]:
        found = sorted(self.folder.glob("*.template.json"))
        return {path.name.removesuffix(".template.json"): json.loads(path.read_text()) for path in found}

    def resources(self, kind: str = "") -> Iterator[Resource]:
        """Those of a type, or of a service where no more than that is given."""
        is_whole = kind.count("::") == 2 and not kind.endswith("::")  # as in AWS::S3::Bucket
        for stack, template in self.templates.items():
            for name, resource in template["Resources"].items():
                if resource["Type"] == kind or (not is_whole and resource["Type"].startswith(kind)):
                    yield Resource(stack, name, resource["Type"], resource.get("Properties", {}))

    def one(self, kind: str, part: str = "") -> Resource:
        (found,) = (resource for resource in self.resources(kind) if part in resource.name)
        return found

    def statements(self) -> Iterator[tuple[Resource, dict[str, Any]]]:
        for resource in self.resources("AWS::IAM::"):
            for statement in resource.properties.get("PolicyDocument", {}).get("Statement", []):
                yield resource, statement


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
