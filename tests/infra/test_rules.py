"""The rule packs: every finding fixed or acknowledged with a reason, and no acknowledgement without a finding."""

import json
from typing import Any

import pytest
from tests.infra.assemblies import Assembly

from hctap_infra.checks.acknowledgements import ACKNOWLEDGEMENTS, select
from hctap_infra.environments import NAMES, read_environment

MOST = 25


def test_both_packs_ran_and_left_nothing(assembly: Assembly) -> None:
    report: dict[str, Any] = json.loads((assembly.folder / "validation-report.json").read_text())
    found = {one["pluginName"]: one["violations"] for one in report["pluginReports"]}

    assert {"AwsSolutions", "HIPAA.Security"} <= set(found)
    assert not [violation["ruleName"] for violations in found.values() for violation in violations]


def test_acknowledgements_are_few_and_have_reasons() -> None:
    assert len(ACKNOWLEDGEMENTS) <= MOST
    for one in ACKNOWLEDGEMENTS:
        assert len(one.reason) > 20, one
        assert one.path, "none for a whole stack"


@pytest.mark.parametrize("name", NAMES)
def test_no_acknowledgement_is_for_nothing(name: str, assemblies: dict[str, Assembly]) -> None:
    environment = assemblies[name].environment
    selected = select(environment)

    assert len({(one.stack, one.path, one.rules) for one in selected}) == len(selected)
    assert all("{" not in rule for one in selected for rule in one.rules_in(environment))


def test_an_acknowledgement_of_what_is_not_there_is_refused(cdk_context: dict[str, Any]) -> None:
    from aws_cdk import App, Stack

    from hctap_infra.checks.acknowledgements import acknowledge

    app = App(context=cdk_context)
    for stack in ("foundation", "jobs", "services", "watch"):
        Stack(app, f"hc-tap-dev-{stack}")

    with pytest.raises(LookupError, match="no construct 'Vpc'"):
        acknowledge(app, read_environment("dev"))


def test_cfn_lint_finds_no_error(assemblies: dict[str, Assembly]) -> None:
    from cfnlint.api import lint_file

    # prod has everything that the others have.
    found = [match for path in sorted(assemblies["prod"].folder.glob("*.template.json")) for match in lint_file(path)]

    assert not [str(match) for match in found if match.rule.severity == "error"]
