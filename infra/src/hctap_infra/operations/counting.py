"""What was synthesised, read back: how large it is, and what the rule packs found in it."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

PACKS: Final = ("AwsSolutions", "HIPAA.Security")
REPORT: Final = "validation-report.json"


@dataclass(frozen=True, slots=True)
class Findings:
    """What one pack found: `opened` by nobody answered; acknowledged, by reason, by rule, and by construct."""

    pack: str
    opened: int
    reasons: frozenset[tuple[str, str]]
    rules: Counter[str]
    constructs: int


def read_templates(folder: Path) -> dict[str, dict[str, Any]]:
    """The templates of a cloud assembly by stack."""
    return {
        path.name.removesuffix(".template.json"): json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(folder.glob("*.template.json"))
    }


def count_resources(folder: Path) -> dict[str, Counter[str]]:
    """The resources of each template in a folder, by type."""
    return {
        stack: Counter(resource["Type"] for resource in template["Resources"].values())
        for stack, template in read_templates(folder).items()
    }


def read_findings(folder: Path) -> Iterator[Findings]:
    """What the rule packs found in an assembly, as they wrote it down themselves."""
    report = json.loads((folder / REPORT).read_text(encoding="utf-8"))
    plugins = {one["pluginName"]: one for one in report["pluginReports"]}
    for pack in PACKS:
        left = plugins[pack]["suppressedViolations"]
        yield Findings(
            pack,
            len(plugins[pack]["violations"]),
            frozenset((one["acknowledgedAt"], one["reason"]) for one in left),
            Counter(_rule(one["ruleName"]) for one in left),
            sum(len(one["violatingConstructs"]) for one in left),
        )


def say_findings(folder: Path) -> Iterator[str]:
    """A line of the sum, and one of each rule."""
    packs = list(read_findings(folder))
    rules = sum((one.rules for one in packs), Counter[str]())
    yield (
        f"{sum(one.opened for one in packs)} findings open; acknowledged: "
        f"{len(frozenset().union(*(one.reasons for one in packs)))} reasons for {rules.total()} findings of "
        f"{len(rules)} rules at {sum(one.constructs for one in packs)} constructs"
    )
    yield ", ".join(f"{rule} {count}" for rule, count in sorted(rules.items()))


def _rule(name: str) -> str:
    """AwsSolutions-IAM5[Resource::*] is one of AwsSolutions-IAM5."""
    return name.partition("[")[0]
