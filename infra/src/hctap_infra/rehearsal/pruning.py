"""What the emulator cannot make is taken out of the templates, by name; the rest is deployed as it is."""

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

Template = dict[str, Any]

# MiniStack 1.5.33 names them when it is given one.
UNSUPPORTED: Final = (
    "AWS::ApplicationAutoScaling::ScalableTarget",
    "AWS::ApplicationAutoScaling::ScalingPolicy",
    "AWS::Backup::BackupSelection",
    "AWS::Budgets::Budget",
    "AWS::CloudTrail::Trail",
    "AWS::Config::ConfigRule",
    "AWS::EC2::EIP",
    "AWS::EC2::FlowLog",
    "AWS::EC2::NatGateway",
    "AWS::EC2::NetworkAcl",
    "AWS::EC2::NetworkAclEntry",
    "AWS::EC2::SecurityGroupEgress",
    "AWS::EC2::SecurityGroupIngress",
    "AWS::EC2::SubnetNetworkAclAssociation",
    "AWS::ECS::ClusterCapacityProviderAssociations",
    "AWS::GuardDuty::Detector",
    "AWS::SecretsManager::RotationSchedule",
    "AWS::WAFv2::LoggingConfiguration",
    "AWS::WAFv2::WebACLAssociation",
)
# What it makes unless this property is given: a way to a NAT gateway, a formula over metrics.
UNSUPPORTED_WITH: Final = {"AWS::EC2::Route": "NatGatewayId", "AWS::CloudWatch::Alarm": "Metrics"}


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was kept and what was left out, by type."""

    kept: Counter[str]
    left_out: Counter[str]

    @property
    def share(self) -> float:
        """How much of all resources was kept."""
        return self.kept.total() / (self.kept.total() + self.left_out.total())


def prune_assembly(source: Path, target: Path, change: Callable[[Template], None] = lambda _: None) -> Pruned:
    """Copy a cloud assembly without what the emulator cannot make; `change` alters each template after that."""
    if target.exists():
        shutil.rmtree(target)
    shutil.copytree(source, target)
    kept: Counter[str] = Counter()
    left_out: Counter[str] = Counter()
    for path in sorted(target.glob("*.template.json")):
        template = json.loads(path.read_text(encoding="utf-8"))
        left_out += _prune(template)
        kept += Counter(resource["Type"] for resource in template["Resources"].values())
        change(template)
        _rewrite(path, json.dumps(template, indent=1, sort_keys=True))
    return Pruned(kept, left_out)


def _prune(template: Template) -> Counter[str]:
    resources = template["Resources"]
    gone = {name for name, one in resources.items() if _goes(one)}
    counted = Counter(resources[name]["Type"] for name in gone)
    for name in gone:
        del resources[name]
    for resource in resources.values():
        _forget(resource, gone)
    return counted


def _goes(resource: Template) -> bool:
    kind = resource["Type"]
    return kind in UNSUPPORTED or (
        kind in UNSUPPORTED_WITH and UNSUPPORTED_WITH[kind] in resource.get("Properties", {})
    )


def _forget(resource: Template, gone: set[str]) -> None:
    after = resource.get("DependsOn", [])
    left = [name for name in ([after] if isinstance(after, str) else after) if name not in gone]
    if left:
        resource["DependsOn"] = left
    else:
        resource.pop("DependsOn", None)


def _rewrite(path: Path, text: str) -> None:
    """Write a template under the name that its content has, or CDK would take the one that it uploaded before."""
    assets = path.with_name(path.name.replace(".template.json", ".assets.json"))
    old = next(
        iter(
            name for name, one in json.loads(assets.read_text())["files"].items() if one["source"]["path"] == path.name
        )
    )
    new = hashlib.sha256(text.encode()).hexdigest()
    path.write_text(text, encoding="utf-8")
    for names in (assets, path.with_name("manifest.json")):
        names.write_text(names.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
