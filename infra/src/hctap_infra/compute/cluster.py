"""The cluster, its capacity, and the name under which services find each other."""

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_servicediscovery as servicediscovery
from constructs import Construct

from hctap_infra.environments import Environment

STEADY = "FARGATE"
SPOT = "FARGATE_SPOT"


def make_cluster(
    scope: Construct, environment: Environment, vpc: ec2.Vpc, key: kms.Key, sessions: logs.LogGroup
) -> ecs.Cluster:
    """The cluster; what people do in a container by ECS Exec is encrypted and on record."""
    insights = environment.monitoring.has_container_insights
    cluster = ecs.Cluster(
        scope,
        "Cluster",
        cluster_name=environment.name_of("cluster"),
        vpc=vpc,
        enable_fargate_capacity_providers=True,
        container_insights_v2=ecs.ContainerInsights.ENABLED if insights else ecs.ContainerInsights.DISABLED,
        execute_command_configuration=ecs.ExecuteCommandConfiguration(
            kms_key=key,
            logging=ecs.ExecuteCommandLogging.OVERRIDE,
            log_configuration=ecs.ExecuteCommandLogConfiguration(
                cloud_watch_log_group=sessions, cloud_watch_encryption_enabled=True
            ),
        ),
    )
    cluster.add_default_cloud_map_namespace(
        name=f"{environment.name_of('internal')}",
        vpc=vpc,
        type=servicediscovery.NamespaceType.DNS_PRIVATE,
    )
    return cluster


def task_subnets(environment: Environment) -> ec2.SubnetSelection:
    """Where tasks lie: private, but for an environment without any way out of the private subnets."""
    return ec2.SubnetSelection(subnet_group_name="public" if environment.network.has_public_tasks else "private")


def strategy(provider: str) -> ecs.CapacityProviderStrategy:
    """All tasks on one kind of capacity."""
    return ecs.CapacityProviderStrategy(capacity_provider=provider, weight=1)
