"""The keys of encryption, one for each class of data, so that who reads logs does not read notes."""

from dataclasses import dataclass

from aws_cdk import Duration, RemovalPolicy, Stack, Tags
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from hctap_infra.environments import Environment


@dataclass(frozen=True, slots=True)
class Keys:
    """`notes` for all that holds PHI, `secrets` for passwords, `operations` for logs, topics and trails."""

    notes: kms.Key
    secrets: kms.Key
    operations: kms.Key


def make_keys(scope: Construct, environment: Environment) -> Keys:
    """The keys, rotated every year, and what AWS's own services may do with them."""
    keys = Keys(
        notes=_make_key(scope, environment, "notes", "phi"),
        secrets=_make_key(scope, environment, "secrets", "confidential"),
        operations=_make_key(scope, environment, "operations", "internal"),
    )
    _let_logs_use(keys.operations, environment)
    _let_services_use(keys.operations)
    return keys


def _make_key(scope: Construct, environment: Environment, name: str, data_class: str) -> kms.Key:
    key = kms.Key(
        scope,
        f"{name.title()}Key",
        alias=f"alias/{environment.name_of(name)}",
        description=f"{environment.project} {environment.name}: {name}",
        enable_key_rotation=True,
        pending_window=Duration.days(30 if environment.is_protected else 7),
        removal_policy=RemovalPolicy.RETAIN if environment.is_protected else RemovalPolicy.DESTROY,
    )
    Tags.of(key).add("DataClass", data_class, priority=300)
    return key


def _let_logs_use(key: kms.Key, environment: Environment) -> None:
    groups = f"arn:aws:logs:{environment.region}:{Stack.of(key).account}:log-group:*"
    key.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.ServicePrincipal(f"logs.{environment.region}.amazonaws.com")],
            actions=["kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo",
                     "kms:GenerateDataKey", "kms:DescribeKey"],
            resources=["*"],
            conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}},
        )
    )  # fmt: skip


def _let_services_use(key: kms.Key) -> None:
    services = ("events", "cloudwatch", "budgets", "cloudtrail", "backup")
    key.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.ServicePrincipal(f"{service}.amazonaws.com") for service in services],
            actions=["kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey"],
            resources=["*"],
            conditions={"StringEquals": {"aws:SourceAccount": Stack.of(key).account}},
        )
    )
