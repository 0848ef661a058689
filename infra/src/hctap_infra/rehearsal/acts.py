"""The rehearsal in its acts: bootstrap, deploy, look, update, look, compare, destroy."""

import json
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from hctap_infra.rehearsal.emulator import Emulator
from hctap_infra.rehearsal.inspection import Finding, Inspector
from hctap_infra.rehearsal.pruning import prune_assembly

SECOND_TAG = "rehearsal00002"
LIMIT_SECONDS = 900


@dataclass(frozen=True, slots=True)
class Act:
    """What was done, whether it went well, how long it took in seconds, and what there is to say of it."""

    name: str
    ok: bool
    seconds: float
    detail: str


@dataclass(frozen=True)
class Rehearsal:
    """An environment's assembly, played to an emulator with CDK's own command line."""

    inspector: Inspector
    emulator: Emulator
    cdk: Sequence[str]
    assembly: Path
    folder: Path
    tag: str

    def play(self) -> Iterator[Act]:
        """Act after act; the first that fails is the last."""
        pruned = prune_assembly(self.assembly, self.folder / "first", self._move)
        yield Act("prune", ok=True, seconds=0.0, detail=_say(pruned.kept.total(), pruned.left_out, pruned.share))
        for act in self._acts():
            done = act()
            yield done
            if not done.ok:
                return

    def _acts(self) -> tuple[Callable[[], Act], ...]:
        places = (f"aws://000000000000/{region}" for region in self.inspector.regions)
        return (
            partial(self._run, "bootstrap", "bootstrap", *places),
            partial(self._deploy, "deploy", "first"),
            partial(self._look, "look", self.tag),
            self._update,
            partial(self._look, "look again", SECOND_TAG),
            self._compare,
            self._unprotect,
            partial(self._run, "destroy", "destroy", "--all", "--force", "--app", str(self.folder / "second")),
            self._nothing_left,
        )

    def _run(self, name: str, *words: str) -> Act:
        began = time.monotonic()
        result = subprocess.run(
            [*self.cdk, *words, "--no-notices", "--no-version-reporting"],
            env=dict(self.emulator.environ),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=LIMIT_SECONDS,
            check=False,
        )
        (self.folder / f"{name.replace(' ', '-')}.log").write_text(result.stdout + result.stderr, encoding="utf-8")
        last = [line for line in (result.stderr + result.stdout).splitlines() if line.strip()][-3:]
        detail = " ".join(last) if result.returncode else ""
        return Act(name, result.returncode == 0, time.monotonic() - began, detail)

    def _deploy(self, name: str, assembly: str) -> Act:
        return self._run(name, "deploy", "--all", "--require-approval", "never", "--app", str(self.folder / assembly))

    def _update(self) -> Act:
        prune_assembly(self.assembly, self.folder / "second", self._change)
        return self._deploy("update", "second")

    @cached_property
    def _zone(self) -> tuple[str, str] | None:
        """The id of the hosted zone that has to be there before, and of the one that is there here."""
        zone = self.inspector.environment.edge.hosted_zone
        if zone is None:
            return None
        made = self.inspector.client("route53").create_hosted_zone(Name=zone.name, CallerReference="rehearsal")
        return zone.id, str(made["HostedZone"]["Id"]).rpartition("/")[2]

    def _move(self, template: dict[str, Any]) -> None:
        """Another hosted zone."""
        if self._zone:
            template["Resources"] = json.loads(json.dumps(template["Resources"]).replace(*self._zone))

    def _change(self, template: dict[str, Any]) -> None:
        """Another tag of the images, and twice the size of every task."""
        self._move(template)
        for resource in template["Resources"].values():
            if resource["Type"] == "AWS::ECS::TaskDefinition":
                properties = resource["Properties"]
                properties["Memory"] = str(2 * int(properties["Memory"]))
                for container in properties["ContainerDefinitions"]:
                    container["Image"] = _retag(container["Image"], self.tag, SECOND_TAG)

    def _look(self, name: str, tag: str) -> Act:
        began = time.monotonic()
        findings = list(self.inspector.inspect(tag))
        wrong = [one for one in findings if not one.ok]
        detail = "; ".join(map(_describe, wrong)) or f"{len(findings)} things as they should be"
        return Act(name, not wrong, time.monotonic() - began, detail)

    def _compare(self) -> Act:
        act = self._run("diff", "diff", "--all", "--fail", "--app", str(self.folder / "second"))
        said = (self.folder / "diff.log").read_text(encoding="utf-8")
        summary = [line.strip() for line in said.splitlines() if "Number of stacks with differences" in line]
        return Act("diff", act.ok and bool(summary), act.seconds, summary[0] if summary else act.detail)

    def _unprotect(self) -> Act:
        """What a person does before a protected environment can be taken down."""
        for stack, region in self.inspector.stacks():
            client = self.inspector.client("cloudformation", region)
            client.update_termination_protection(StackName=stack, EnableTerminationProtection=False)
        return Act("unprotect", ok=True, seconds=0.0, detail="")

    def _nothing_left(self) -> Act:
        left = [stack for stack, _ in self.inspector.stacks()]
        return Act("nothing is left", not left, 0.0, ", ".join(left) or "no stack")


def _retag(image: object, old: str, new: str) -> object:
    if isinstance(image, str):
        return image.replace(f":{old}", f":{new}")
    if isinstance(image, list):
        return [_retag(part, old, new) for part in image]
    if isinstance(image, dict):
        return {key: _retag(value, old, new) for key, value in image.items()}
    return image


def _describe(finding: Finding) -> str:
    return f"{finding.what}: wanted {finding.wanted!r}, found {finding.found!r}"


def _say(kept: int, left_out: dict[str, int], share: float) -> str:
    kinds = ", ".join(f"{kind.removeprefix('AWS::')} {count}" for kind, count in sorted(left_out.items()))
    return f"{kept} resources kept ({share:.0%}); left out: {kinds}"
