"""The workers that take a queue's shards: on Spot, and none while there is nothing to do."""

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from constructs import Construct

from hctap_infra.compute.cluster import SPOT, strategy, task_subnets
from hctap_infra.compute.scaling import scale_worker
from hctap_infra.environments import Environment


def make_worker(
    scope: Construct,
    environment: Environment,
    cluster: ecs.Cluster,
    task: ecs.FargateTaskDefinition,
    group: ec2.SecurityGroup,
    depth: cloudwatch.Metric,
) -> ecs.FargateService:
    """The service; a task that Spot takes back gives its shards back first."""
    service = ecs.FargateService(
        scope,
        "Service",
        service_name=environment.name_of("worker"),
        cluster=cluster,
        task_definition=task,
        capacity_provider_strategies=[strategy(SPOT)],
        vpc_subnets=task_subnets(environment),
        assign_public_ip=environment.network.has_public_tasks,
        security_groups=[group],
        desired_count=0,
        min_healthy_percent=0,
        max_healthy_percent=100,
        circuit_breaker=ecs.DeploymentCircuitBreaker(enable=True, rollback=True),
        enable_execute_command=environment.network.execute_command,
        enable_ecs_managed_tags=True,
        propagate_tags=ecs.PropagatedTagSource.SERVICE,
    )
    scale_worker(service, environment.etl, depth)
    return service
