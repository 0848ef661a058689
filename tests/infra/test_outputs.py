"""What stacks say of themselves, and what documents say of the commands."""

import re
from pathlib import Path

from tests.infra.assemblies import Assembly

ROOT = Path(__file__).parents[2]


def test_every_output_is_a_parameter_as_well(assembly: Assembly) -> None:
    outputs = {
        name: output["Value"]
        for template in assembly.templates.values()
        for name, output in template.get("Outputs", {}).items()
        if "Export" not in output
    }
    prefix = f"/hc-tap/{assembly.environment.name}/"
    parameters = {
        one.properties["Name"].removeprefix(prefix): one.properties["Value"]
        for one in assembly.resources("AWS::SSM::Parameter")
    }

    assert len(outputs) > 20
    assert parameters == outputs


def test_no_output_is_a_secret(assembly: Assembly) -> None:
    for one in assembly.resources("AWS::SSM::Parameter"):
        assert "resolve:secretsmanager" not in str(one.properties["Value"]), one.name


def test_every_target_that_documents_name_is_there() -> None:
    makefiles = (ROOT / "Makefile").read_text() + (ROOT / "infra" / "targets.mk").read_text()
    pages = [*(ROOT / "docs" / "runbooks").glob("*.md"), ROOT / "docs" / "deploying.md"]
    named = {target for page in pages for target in re.findall(r"`make ([a-z][a-z-]*)", page.read_text())}

    assert len(named) > 10
    assert {one for one in named if not re.search(rf"^{one}:", makefiles, re.MULTILINE)} == set()


def test_no_file_of_infra_is_longer_than_200_lines() -> None:
    files = [path for path in (ROOT / "infra").rglob("*") if path.suffix in {".py", ".yaml", ".mk"}]

    assert len(files) > 60
    assert {path.name for path in files if len(path.read_text().splitlines()) > 200} == set()
