"""A rotation, step by step, as Secrets Manager asks for it: against an emulator of AWS, and in the templates."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest
from tests.infra.assemblies import Assembly

import hctap_infra.rotation.handler
from hctap_infra.rehearsal.emulator import start_emulator
from hctap_infra.rehearsal.settings import read_environ
from hctap_infra.rotation.handler import handle

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
SECRETS = ("hc-tap/dev/database", "hc-tap/dev/cache")


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A database, a cache, their secrets, and the services that read them."""
    with (
        start_emulator(read_environ(), tmp_path_factory.mktemp("emulator"), "us-east-1") as emulator,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in emulator.environ.items():
            if name.startswith("AWS_"):
                patch.setenv(name, value)
        names = {"DATABASE": "hc-tap-dev-database", "CACHE": "hc-tap-dev-cache", "CLUSTER": "hc-tap-dev-cluster"}
        for name, value in (names | {"SERVICES": "hc-tap-dev-api,hc-tap-dev-gone", "POLL_SECONDS": "0.1"}).items():
            patch.setenv(name, value)
        boto3.client("rds").create_db_instance(
            DBInstanceIdentifier=names["DATABASE"], DBInstanceClass="db.t3.micro", Engine="postgres",
            MasterUsername="hctap", MasterUserPassword="old-password", AllocatedStorage=20,
        )  # fmt: skip
        boto3.client("elasticache").create_replication_group(
            ReplicationGroupId=names["CACHE"], ReplicationGroupDescription="a test", Engine="valkey",
            CacheNodeType="cache.t3.micro", NumCacheClusters=1, TransitEncryptionEnabled=True, AuthToken="o" * 40,
        )  # fmt: skip
        for secret in SECRETS:
            boto3.client("secretsmanager").create_secret(
                Name=secret, SecretString=json.dumps({"username": "hctap", "password": "old"})
            )
        ecs = boto3.client("ecs")
        ecs.create_cluster(clusterName=names["CLUSTER"])
        ecs.register_task_definition(
            family="hc-tap-dev-api", containerDefinitions=[{"name": "api", "image": "api:1", "memory": 128}]
        )
        ecs.create_service(
            cluster=names["CLUSTER"], serviceName="hc-tap-dev-api", taskDefinition="hc-tap-dev-api", desiredCount=0
        )
        yield


def _read(secret: str, stage: str = "AWSCURRENT") -> dict[str, str]:
    found = boto3.client("secretsmanager").get_secret_value(SecretId=secret, VersionStage=stage)
    kept: dict[str, str] = json.loads(found["SecretString"])
    return kept


@pytest.mark.usefixtures("stores")
@pytest.mark.parametrize("secret", SECRETS)
def test_a_rotation_may_be_asked_for_twice_and_nobody_has_the_new_password_before_its_time(secret: str) -> None:
    token, before = str(uuid4()), _read(secret)

    for step in STEPS:
        assert _read(secret) == before, "tasks that start meanwhile take what the store takes"
        for _ in range(2):
            handle({"Step": step, "SecretId": secret, "ClientRequestToken": token})

    after = _read(secret)
    assert after["username"] == "hctap"
    assert after["password"] != before["password"]
    assert len(after["password"]) == 40
    assert after["password"].isalnum()
    assert _read(secret, "AWSPREVIOUS") == before


@pytest.mark.usefixtures("stores")
def test_services_get_new_tasks_when_it_is_done_and_one_that_is_not_there_is_no_fault() -> None:
    token = str(uuid4())
    asked: list[dict[str, Any]] = []

    def note(params: dict[str, Any], **_: Any) -> None:
        asked.append(params)

    session = boto3.DEFAULT_SESSION
    assert session
    session.events.register("provide-client-params.ecs.UpdateService", note)
    try:
        for step in STEPS:
            assert not asked, step
            handle({"Step": step, "SecretId": SECRETS[0], "ClientRequestToken": token})
    finally:
        session.events.unregister("provide-client-params.ecs.UpdateService", note)

    assert [(one["service"], one["forceNewDeployment"]) for one in asked] == [("hc-tap-dev-api", True)]


def test_every_secret_is_rotated_by_the_calendar(assembly: Assembly) -> None:
    secrets = {one.name for one in assembly.resources("AWS::SecretsManager::Secret") if one.kind.endswith("::Secret")}
    schedules = [one.properties for one in assembly.resources("AWS::SecretsManager::RotationSchedule")]

    assert {one["SecretId"]["Ref"] for one in schedules} == secrets
    for one in schedules:
        assert one["RotationRules"] == {"AutomaticallyAfterDays": 90}
        assert one["RotateImmediatelyOnUpdate"] is False
        assert "RotationFunction" in str(one["RotationLambdaARN"])


def test_nothing_is_rotated_before_the_stores_are_there(assembly: Assembly) -> None:
    template = next(one for name, one in assembly.templates.items() if name.endswith("-foundation"))["Resources"]
    stores = {
        name
        for name, one in template.items()
        if one["Type"] in {"AWS::RDS::DBInstance", "AWS::ElastiCache::ReplicationGroup"}
        and "SourceDBInstanceIdentifier" not in one["Properties"]
    }

    for one in template.values():
        if one["Type"] == "AWS::SecretsManager::RotationSchedule":
            assert stores <= set(one["DependsOn"])


def test_the_function_is_the_tested_one_and_secrets_manager_alone_calls_it(assembly: Assembly) -> None:
    function = assembly.one("AWS::Lambda::Function").properties
    permission = assembly.one("AWS::Lambda::Permission").properties

    assert function["Code"]["ZipFile"] == Path(hctap_infra.rotation.handler.__file__).read_text(encoding="utf-8")
    assert function["Handler"] == f"index.{handle.__name__}"
    assert permission["Principal"] == "secretsmanager.amazonaws.com"
    assert permission["SourceAccount"] == {"Ref": "AWS::AccountId"}
    names = function["Environment"]["Variables"]
    assert names["DATABASE"] == assembly.one("AWS::RDS::DBInstance", "Database").properties["DBInstanceIdentifier"]
    services = {one.properties["ServiceName"] for one in assembly.resources("AWS::ECS::Service")}
    assert set(names["SERVICES"].split(",")) <= services
