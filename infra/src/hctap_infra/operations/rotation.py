"""New passwords, in an order in which nobody is left outside: store, secret, tasks."""

import json
from collections.abc import Iterator
from typing import Any

from hctap_infra.environments import Environment
from hctap_infra.operations.account import Account

LENGTH = 40


def rotate(account: Account) -> Iterator[str]:
    """Give database and cache new passwords and start new tasks; says each step when it is done.

    Open connections to PostgreSQL outlive a change of password, and the cache takes old and new token at once, so
    tasks work on until the new ones are there.
    """
    environment = account.environment
    secrets = account.client("secretsmanager")
    password = _make_password(secrets)
    rds, name = account.client("rds"), environment.name_of("database")
    rds.modify_db_instance(DBInstanceIdentifier=name, MasterUserPassword=password, ApplyImmediately=True)
    _keep(secrets, environment, "database", password)
    yield "database: new password"
    if environment.cache.is_on:
        token = _make_password(secrets)
        account.client("elasticache").modify_replication_group(
            ReplicationGroupId=environment.name_of("cache"),
            AuthToken=token,
            AuthTokenUpdateStrategy="ROTATE",
            ApplyImmediately=True,
        )
        _keep(secrets, environment, "cache", token)
        yield "cache: new token beside the old one"
    ecs, cluster = account.client("ecs"), account.output("Cluster")
    services = [account.output(f"{one}Service") for one in ("Api", "Worker")]
    for service in services:
        ecs.update_service(cluster=cluster, service=service, forceNewDeployment=True)
    ecs.get_waiter("services_stable").wait(cluster=cluster, services=services)
    yield f"{len(services)} services: new tasks"


def _make_password(secrets: Any) -> str:  # noqa: ANN401 - boto3's clients are made at run time
    made = secrets.get_random_password(PasswordLength=LENGTH, ExcludePunctuation=True)
    return str(made["RandomPassword"])


def _keep(secrets: Any, environment: Environment, part: str, password: str) -> None:  # noqa: ANN401 - as above
    secrets.put_secret_value(
        SecretId=f"{environment.project}/{environment.name}/{part}",
        SecretString=json.dumps({"username": environment.database.name, "password": password}),
    )
