"""What stacks say of themselves, and what documents say of the commands."""

import re
from pathlib import Path

import boto3
import botocore.session
from botocore import xform_name
from tests.infra.assemblies import Assembly

ROOT = Path(__file__).parents[2]
PAGES = [*(ROOT / "docs" / "runbooks").glob("*.md"), ROOT / "docs" / "deploying.md"]
# What the command line of AWS adds to the interfaces themselves.
ADDED = {("sso", "login"), ("logs", "tail"), ("ecr", "get-login-password")}


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
    named = {target for page in PAGES for target in re.findall(r"`make ([a-z][a-z-]*)", page.read_text())}

    assert len(named) > 10
    assert {one for one in named if not re.search(rf"^{one}:", makefiles, re.MULTILINE)} == set()


def test_every_command_of_aws_that_documents_name_is_one() -> None:
    text = " ".join(page.read_text() for page in PAGES)
    named = set(re.findall(r"`aws ([a-z0-9]+) ([a-z][a-z0-9-]+)", text)) - ADDED
    services = botocore.session.get_session().get_available_services()

    assert len(named) > 12
    for service, command in named:
        # The command line calls the one interface of S3 by another name.
        model = boto3.client({"s3api": "s3"}.get(service, service), region_name="us-east-1").meta.service_model
        known = {xform_name(operation, "-") for operation in model.operation_names}
        assert model.service_name in services
        assert command in known, f"aws {service} {command}"


def test_no_file_of_infra_is_longer_than_200_lines() -> None:
    files = [path for path in (ROOT / "infra").rglob("*") if path.suffix in {".py", ".yaml", ".mk"}]

    assert len(files) > 60
    assert {path.name for path in files if len(path.read_text().splitlines()) > 200} == set()
