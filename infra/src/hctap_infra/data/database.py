"""PostgreSQL 17 on RDS: encrypted, TLS alone, its slow queries on record."""

from dataclasses import dataclass

from aws_cdk import Duration, RemovalPolicy, Tags
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_rds as rds
from constructs import Construct

from hctap_infra.data.keys import Keys
from hctap_infra.data.secrets import Secrets
from hctap_infra.environments import Environment
from hctap_infra.monitoring.retention import retention_of
from hctap_infra.network.ports import DATABASE_PORT
from hctap_infra.network.vpc import DATABASE

ENGINE = rds.DatabaseInstanceEngine.postgres(version=rds.PostgresEngineVersion.VER_17_9)
LOGS = ("postgresql", "upgrade")


@dataclass(frozen=True, slots=True)
class DatabaseParts:
    """Where a database is put and with what it is opened."""

    vpc: ec2.Vpc
    group: ec2.SecurityGroup
    keys: Keys
    secrets: Secrets


def make_database(scope: Construct, environment: Environment, parts: DatabaseParts) -> rds.DatabaseInstance:
    """The primary, and as many replicas as the environment wants."""
    settings = environment.database
    parameters = rds.ParameterGroup(
        scope,
        "DatabaseParameters",
        engine=ENGINE,
        parameters={
            "rds.force_ssl": "1",
            "log_min_duration_statement": str(settings.slow_query_ms),
            # A statement's values may be parts of notes; the log gets its shape alone.
            "log_parameter_max_length": "0",
            "log_parameter_max_length_on_error": "0",
            "log_connections": "1",
            "log_disconnections": "1",
            "log_lock_waits": "1",
        },
    )
    care = _care(scope, environment, parts, parameters)
    database = rds.DatabaseInstance(
        scope,
        "Database",
        instance_identifier=environment.name_of("database"),
        engine=ENGINE,
        database_name=settings.name,
        credentials=rds.Credentials.from_secret(parts.secrets.database, settings.name),
        allocated_storage=settings.storage_gb,
        max_allocated_storage=settings.storage_limit_gb,
        storage_encrypted=True,
        multi_az=settings.is_multi_az,
        backup_retention=Duration.days(settings.backup_days),
        delete_automated_backups=not environment.is_protected,
        preferred_backup_window="03:00-04:00",
        **care,
    )
    Tags.of(database).add("DataClass", "phi", priority=300)
    for number in range(settings.replicas):
        replica = rds.DatabaseInstanceReadReplica(
            scope, f"Replica{number + 1}", source_database_instance=database, storage_encrypted=True, **care
        )
        # Inherited from the primary, and CloudFormation wants it to stand there alone.
        replica.node.default_child.add_property_deletion_override("StorageEncrypted")
        Tags.of(replica).add("DataClass", "phi", priority=300)
    for name in LOGS:
        group = logs.LogGroup(
            scope,
            f"{name.title()}Log",
            log_group_name=f"/aws/rds/instance/{environment.name_of('database')}/{name}",
            encryption_key=parts.keys.operations,
            retention=retention_of(environment.monitoring.log_days),
            removal_policy=RemovalPolicy.DESTROY,
        )
        # Else RDS would make it, kept for ever and not encrypted.
        database.node.add_dependency(group)
    return database


def _care(
    scope: Construct, environment: Environment, parts: DatabaseParts, parameters: rds.ParameterGroup
) -> dict[str, object]:
    settings = environment.database
    size = ec2.InstanceType(settings.instance)
    metrics = logs.LogGroup.from_log_group_name(scope, "OsMetrics", "RDSOSMetrics")
    role = iam.Role(
        scope,
        "DatabaseMonitoringRole",
        assumed_by=iam.ServicePrincipal("monitoring.rds.amazonaws.com"),
    )
    iam.ManagedPolicy(
        scope,
        "DatabaseMonitoringPolicy",
        roles=[role],
        statements=[
            iam.PolicyStatement(
                actions=["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
                resources=[metrics.log_group_arn],
            )
        ],
    )
    subnets = rds.SubnetGroup(
        scope,
        "DatabaseSubnets",
        description=f"{environment.project} {environment.name}: database",
        vpc=parts.vpc,
        vpc_subnets=ec2.SubnetSelection(subnet_group_name=DATABASE),
    )
    insights = {"performance_insight_encryption_key": parts.keys.notes} if settings.has_insights else {}
    return insights | {
        "vpc": parts.vpc,
        "subnet_group": subnets,
        "security_groups": [parts.group],
        "port": DATABASE_PORT,
        "instance_type": size,
        "storage_type": rds.StorageType.GP3,
        "storage_encryption_key": parts.keys.notes,
        "parameter_group": parameters,
        "publicly_accessible": False,
        "auto_minor_version_upgrade": True,
        "copy_tags_to_snapshot": True,
        "cloudwatch_logs_exports": list(LOGS),
        "enable_performance_insights": settings.has_insights,
        "monitoring_interval": Duration.seconds(60),
        "monitoring_role": role,
        "deletion_protection": environment.is_protected,
        "preferred_maintenance_window": "sun:04:30-sun:05:30",
        "removal_policy": RemovalPolicy.SNAPSHOT if environment.is_protected else RemovalPolicy.DESTROY,
    }
