"""The function that gives database and cache new passwords, and when it is called."""

from collections.abc import Sequence
from importlib.resources import files

from aws_cdk import Aws, Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct, IConstruct

from hctap_infra.data.keys import Keys
from hctap_infra.data.secrets import Secrets
from hctap_infra.environments import Environment
from hctap_infra.monitoring.retention import retention_of

# Those that read a password when they start; the batch job's next task reads the new one anyway.
SERVICES = ("api", "worker")
# A password of RDS is set within a minute or two.
TIMEOUT = Duration.minutes(10)


def make_rotation(
    scope: Construct, environment: Environment, keys: Keys, secrets: Secrets, stores: Sequence[IConstruct]
) -> lambda_.Function:
    """The function outside of the network: it speaks with AWS's own services alone, and never logs in anywhere."""
    held = [secrets.database, *([secrets.cache_token] if secrets.cache_token else [])]
    name = environment.name_of("rotation")
    log = _make_log(scope, environment, keys, name)
    function = lambda_.Function(
        scope,
        "Function",
        function_name=name,
        description="New passwords for database and cache, then new tasks",
        runtime=lambda_.Runtime.PYTHON_3_14,
        handler="index.handle",
        code=lambda_.InlineCode((files("hctap_infra.rotation") / "handler.py").read_text(encoding="utf-8")),
        role=_make_role(scope, environment, keys, held, log),
        log_group=log,
        timeout=TIMEOUT,
        memory_size=256,
        environment={
            "DATABASE": environment.name_of("database"),
            "CACHE": environment.name_of("cache"),
            "CLUSTER": environment.name_of("cluster"),
            "SERVICES": ",".join(environment.name_of(one) for one in SERVICES),
            "POLL_SECONDS": "5",
        },
    )
    may = lambda_.CfnPermission(
        scope,
        "Permission",
        function_name=function.function_name,
        action="lambda:InvokeFunction",
        principal="secretsmanager.amazonaws.com",
        source_account=Aws.ACCOUNT_ID,
    )
    for secret in held:
        schedule = secretsmanager.CfnRotationSchedule(
            scope,
            f"{secret.node.id}Rotation",
            secret_id=secret.secret_arn,
            rotation_lambda_arn=function.function_arn,
            rotation_rules=secretsmanager.CfnRotationSchedule.RotationRulesProperty(
                automatically_after_days=environment.database.rotation_days
            ),
            rotate_immediately_on_update=False,
        )
        # Secrets Manager asks at once whether the stores are well, so they have to be there.
        schedule.node.add_dependency(may, *stores)
    return function


def _make_log(scope: Construct, environment: Environment, keys: Keys, name: str) -> logs.LogGroup:
    return logs.LogGroup(
        scope,
        "Log",
        log_group_name=f"/aws/lambda/{name}",
        encryption_key=keys.operations,
        retention=retention_of(environment.monitoring.log_days),
        removal_policy=RemovalPolicy.RETAIN if environment.is_protected else RemovalPolicy.DESTROY,
    )


def _make_role(
    scope: Construct, environment: Environment, keys: Keys, held: list[secretsmanager.Secret], log: logs.LogGroup
) -> iam.IRole:
    role = iam.Role(scope, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    cluster = environment.name_of("cluster")
    statements = {
        (
            "secretsmanager:DescribeSecret",
            "secretsmanager:GetSecretValue",
            "secretsmanager:PutSecretValue",
            "secretsmanager:UpdateSecretVersionStage",
        ): [secret.secret_arn for secret in held],
        ("kms:Decrypt", "kms:GenerateDataKey"): [keys.secrets.key_arn],
        ("rds:DescribeDBInstances", "rds:ModifyDBInstance"): [
            _arn(environment, "rds", f"db:{environment.name_of('database')}")
        ],
        ("ecs:DescribeServices", "ecs:UpdateService"): [
            _arn(environment, "ecs", f"service/{cluster}/{environment.name_of(one)}") for one in SERVICES
        ],
        ("logs:CreateLogStream", "logs:PutLogEvents"): [log.log_group_arn],
    }
    if environment.cache.is_on:
        statements[("elasticache:DescribeReplicationGroups", "elasticache:ModifyReplicationGroup")] = [
            _arn(environment, "elasticache", f"replicationgroup:{environment.name_of('cache')}")
        ]
    iam.ManagedPolicy(
        scope,
        "Policy",
        roles=[role],
        statements=[
            iam.PolicyStatement(actions=list(actions), resources=resources) for actions, resources in statements.items()
        ],
    )
    return role.without_policy_updates()


def _arn(environment: Environment, service: str, resource: str) -> str:
    return f"arn:aws:{service}:{environment.region}:{Aws.ACCOUNT_ID}:{resource}"
