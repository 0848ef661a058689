"""What stays when programs change: network, keys, stores, registries, logs, and who may deploy."""

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_rds as rds
from aws_cdk.aws_elasticache import CfnReplicationGroup
from constructs import Construct

from hctap_infra.data.backups import make_backups
from hctap_infra.data.buckets import Buckets, make_buckets
from hctap_infra.data.cache import CacheParts, make_cache
from hctap_infra.data.database import DatabaseParts, make_database
from hctap_infra.data.keys import Keys, make_keys
from hctap_infra.data.registries import make_registries
from hctap_infra.data.replication import replicate
from hctap_infra.data.secrets import Secrets, make_secrets
from hctap_infra.environments import Environment
from hctap_infra.monitoring.log_groups import make_log_groups
from hctap_infra.network.acls import make_database_acl
from hctap_infra.network.endpoints import make_endpoints
from hctap_infra.network.security_groups import SecurityGroups, make_security_groups
from hctap_infra.network.vpc import make_vpc
from hctap_infra.outputs import say
from hctap_infra.rotation.function import make_rotation
from hctap_infra.security.boundary import make_boundary
from hctap_infra.security.deployment_role import make_deployment_role
from hctap_infra.security.trail import allow_trail
from hctap_infra.stacks.stack import make_stack


@dataclass(frozen=True, slots=True)
class Foundation:
    """What the other stacks stand on."""

    stack: Stack
    boundary: iam.ManagedPolicy
    vpc: ec2.Vpc
    groups: SecurityGroups
    keys: Keys
    secrets: Secrets
    buckets: Buckets
    database: rds.DatabaseInstance
    cache: CfnReplicationGroup | None
    registries: Mapping[str, ecr.Repository]
    logs: Mapping[str, logs.LogGroup]


def make_foundation(app: Construct, environment: Environment) -> Foundation:
    """The stack `foundation`."""
    stack = make_stack(app, environment, "foundation")
    boundary = make_boundary(stack, environment)
    iam.PermissionsBoundary.of(stack).apply(boundary)
    keys = make_keys(stack, environment)
    vpc = make_vpc(stack, environment, keys.operations)
    groups = make_security_groups(Construct(stack, "Groups"), environment, vpc)
    make_endpoints(vpc, environment, groups.endpoints)
    make_database_acl(vpc, environment)
    buckets = make_buckets(Construct(stack, "Lake"), environment, keys.notes)
    secrets = make_secrets(Construct(stack, "Passwords"), environment, keys.secrets)
    database = make_database(
        Construct(stack, "Relational"), environment, DatabaseParts(vpc, groups.database, keys, secrets)
    )
    made = Foundation(
        stack,
        boundary,
        vpc,
        groups,
        keys,
        secrets,
        buckets,
        database,
        _make_cache(stack, environment, CacheParts(vpc, groups.cache, keys.notes, secrets.cache_token)),
        make_registries(stack, environment, keys.operations),
        make_log_groups(stack, environment, keys.operations),
    )
    stores = [store for store in (database, made.cache) if store]
    make_rotation(Construct(stack, "Rotation"), environment, keys, secrets, stores)
    _protect(made, environment)
    _say_outputs(made, environment)
    return made


def _make_cache(stack: Stack, environment: Environment, parts: CacheParts) -> CfnReplicationGroup | None:
    return make_cache(stack, environment, parts) if environment.cache.is_on else None


def _protect(made: Foundation, environment: Environment) -> None:
    if environment.security.has_trail:
        allow_trail(environment, made.buckets)
    if environment.lake.replicate_to:
        replicate(Construct(made.stack, "Replication"), environment, made.buckets, made.keys.notes)
    if environment.backups.is_on:
        make_backups(Construct(made.stack, "Backups"), environment, made.keys.notes, [made.database.instance_arn])


def _say_outputs(made: Foundation, environment: Environment) -> None:
    say(made.stack, environment, "RawBucket", made.buckets.raw.bucket_name)
    say(made.stack, environment, "EnrichedBucket", made.buckets.enriched.bucket_name)
    say(made.stack, environment, "LineageBucket", made.buckets.lineage.bucket_name)
    say(made.stack, environment, "ArtifactsBucket", made.buckets.artifacts.bucket_name)
    say(made.stack, environment, "LogsBucket", made.buckets.logs.bucket_name)
    say(made.stack, environment, "DatabaseHost", made.database.db_instance_endpoint_address)
    say(made.stack, environment, "DatabaseSecret", made.secrets.database.secret_arn)
    for image, repository in made.registries.items():
        say(made.stack, environment, f"{image.title()}Repository", repository.repository_uri)
    role = make_deployment_role(made.stack, environment, made.registries.values(), made.logs["etl"])
    if role:
        say(made.stack, environment, "DeploymentRole", role.role_arn)
