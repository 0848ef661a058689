"""A short rehearsal on the emulator without CDK's command line: the pruned templates are taken as they are."""

import json
from pathlib import Path

from tests.infra.assemblies import Assembly

from hctap_infra.rehearsal.pruning import UNSUPPORTED, UNSUPPORTED_WITH, prune_assembly


def test_only_what_is_named_is_left_out(assembly: Assembly, tmp_path: Path) -> None:
    pruned = prune_assembly(assembly.folder, tmp_path / "pruned")

    assert set(pruned.left_out) <= {*UNSUPPORTED, *UNSUPPORTED_WITH}
    assert pruned.share > 0.7
    assert pruned.kept.total() + pruned.left_out.total() == sum(1 for _ in assembly.resources())


def test_nothing_waits_for_what_is_gone(assembly: Assembly, tmp_path: Path) -> None:
    prune_assembly(assembly.folder, tmp_path / "pruned")

    for path in (tmp_path / "pruned").glob("*.template.json"):
        resources = json.loads(path.read_text())["Resources"]
        for resource in resources.values():
            after = resource.get("DependsOn", [])
            assert set([after] if isinstance(after, str) else after) <= set(resources)


def test_a_template_is_named_by_its_content(assembly: Assembly, tmp_path: Path) -> None:
    prune_assembly(assembly.folder, tmp_path / "first")
    prune_assembly(assembly.folder, tmp_path / "second", lambda template: template.update(Description="another"))

    first, second = ((tmp_path / one / "manifest.json").read_text() for one in ("first", "second"))
    assert first != second


def test_the_emulator_does_not_know_what_is_left_out_and_knows_the_rest(
    assemblies: dict[str, Assembly], tmp_path: Path
) -> None:
    from ministack.services.cloudformation.provisioners import _RESOURCE_HANDLERS

    assert not set(UNSUPPORTED) & set(_RESOURCE_HANDLERS), "the emulator has learnt these: take them off the list"
    for name, assembly in assemblies.items():
        assert set(prune_assembly(assembly.folder, tmp_path / name).kept) <= {*_RESOURCE_HANDLERS, "AWS::CDK::Metadata"}
