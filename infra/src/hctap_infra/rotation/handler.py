"""The Lambda function that Secrets Manager calls, step by step, to rotate a password; deployed as it stands here."""

import json
import os
import secrets
import string
import time
from typing import Any

import boto3

LENGTH = 40
ALPHABET = string.ascii_letters + string.digits  # what a connection's address takes as it is


def handle(event: dict[str, str], _: object = None) -> None:
    """Do one of the four steps; each may be asked for again."""
    STEPS[event["Step"]](event["SecretId"], event["ClientRequestToken"])


def _create(secret: str, token: str) -> None:
    versions = _manager().describe_secret(SecretId=secret)["VersionIdsToStages"]
    if "AWSPENDING" in versions.get(token, ()):
        return
    current = json.loads(_manager().get_secret_value(SecretId=secret, VersionStage="AWSCURRENT")["SecretString"])
    made = current | {"password": "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))}
    _manager().put_secret_value(
        SecretId=secret, ClientRequestToken=token, SecretString=json.dumps(made), VersionStages=["AWSPENDING"]
    )


def _set(secret: str, token: str) -> None:
    kept = _manager().get_secret_value(SecretId=secret, VersionId=token, VersionStage="AWSPENDING")["SecretString"]
    password = json.loads(kept)["password"]
    if _is_cache(secret):
        # The old token goes on being taken beside the new one.
        boto3.client("elasticache").modify_replication_group(
            ReplicationGroupId=os.environ["CACHE"],
            AuthToken=password,
            AuthTokenUpdateStrategy="ROTATE",
            ApplyImmediately=True,
        )
    else:
        boto3.client("rds").modify_db_instance(
            DBInstanceIdentifier=os.environ["DATABASE"], MasterUserPassword=password, ApplyImmediately=True
        )


def _wait(secret: str, _: str) -> None:
    while not (_cache_is_done() if _is_cache(secret) else _database_is_done()):
        time.sleep(float(os.environ["POLL_SECONDS"]))


def _finish(secret: str, token: str) -> None:
    versions = _manager().describe_secret(SecretId=secret)["VersionIdsToStages"]
    current = next(one for one, stages in versions.items() if "AWSCURRENT" in stages)
    if current != token:
        _manager().update_secret_version_stage(
            SecretId=secret, VersionStage="AWSCURRENT", MoveToVersionId=token, RemoveFromVersionId=current
        )
    ecs, cluster = boto3.client("ecs"), os.environ["CLUSTER"]
    found = ecs.describe_services(cluster=cluster, services=os.environ["SERVICES"].split(","))["services"]
    for service in found:
        if service["status"] == "ACTIVE":
            # Tasks read their passwords when they start.
            ecs.update_service(cluster=cluster, service=service["serviceName"], forceNewDeployment=True)


def _manager() -> Any:  # noqa: ANN401 - boto3's clients are made at run time
    return boto3.client("secretsmanager")


def _is_cache(secret: str) -> bool:
    return "/cache" in secret


def _database_is_done() -> bool:
    (one,) = boto3.client("rds").describe_db_instances(DBInstanceIdentifier=os.environ["DATABASE"])["DBInstances"]
    return one["DBInstanceStatus"] == "available" and "MasterUserPassword" not in one.get("PendingModifiedValues", {})


def _cache_is_done() -> bool:
    groups = boto3.client("elasticache").describe_replication_groups(ReplicationGroupId=os.environ["CACHE"])
    (one,) = groups["ReplicationGroups"]
    return one["Status"] == "available" and not one.get("PendingModifiedValues", {}).get("AuthTokenStatus")


STEPS = {"createSecret": _create, "setSecret": _set, "testSecret": _wait, "finishSecret": _finish}
