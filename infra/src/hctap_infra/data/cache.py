"""Valkey on ElastiCache: limits and what may be forgotten, by TLS and a token."""

from dataclasses import dataclass

from aws_cdk import Tags
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticache as elasticache
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from hctap_infra.environments import Environment
from hctap_infra.network.ports import CACHE_PORT
from hctap_infra.network.vpc import PRIVATE


@dataclass(frozen=True, slots=True)
class CacheParts:
    """Where a cache is put and with what it is opened."""

    vpc: ec2.Vpc
    group: ec2.SecurityGroup
    notes_key: kms.Key
    token: secretsmanager.Secret | None


def make_cache(scope: Construct, environment: Environment, parts: CacheParts) -> elasticache.CfnReplicationGroup:
    """The replication group, with its replicas in other zones."""
    settings = environment.cache
    subnets = elasticache.CfnSubnetGroup(
        scope,
        "CacheSubnets",
        description=f"{environment.project} {environment.name}: cache",
        cache_subnet_group_name=environment.name_of("cache"),
        subnet_ids=parts.vpc.select_subnets(subnet_group_name=PRIVATE).subnet_ids,
    )
    # CloudFormation resolves the token while it deploys: the template names it and does not hold it.
    token = parts.token.secret_value_from_json("password").unsafe_unwrap() if parts.token else None
    group = elasticache.CfnReplicationGroup(
        scope,
        "Cache",
        replication_group_description=f"{environment.project} {environment.name}",
        replication_group_id=environment.name_of("cache"),
        engine="valkey",
        engine_version="8.0",
        cache_node_type=settings.instance,
        num_cache_clusters=1 + settings.replicas,
        automatic_failover_enabled=settings.replicas > 0,
        multi_az_enabled=settings.replicas > 0,
        at_rest_encryption_enabled=True,
        kms_key_id=parts.notes_key.key_id,
        transit_encryption_enabled=True,
        transit_encryption_mode="required",
        auth_token=token,
        port=CACHE_PORT,
        cache_subnet_group_name=subnets.ref,
        security_group_ids=[parts.group.security_group_id],
        snapshot_retention_limit=settings.snapshot_days,
        auto_minor_version_upgrade=True,
    )
    Tags.of(group).add("DataClass", "internal", priority=300)
    return group
