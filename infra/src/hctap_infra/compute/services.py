"""The services behind the balancer: how they roll out, roll back and scale."""

from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as elb
from constructs import Construct

from hctap_infra.compute.cluster import STEADY, strategy, task_subnets
from hctap_infra.environment_parts import Service
from hctap_infra.environments import Environment


@dataclass(frozen=True, slots=True)
class ServiceParts:
    """What a service is made of, beside its size."""

    name: str
    cluster: ecs.Cluster
    task: ecs.FargateTaskDefinition
    group: ec2.SecurityGroup
    target_group: elb.ApplicationTargetGroup
    has_internal_name: bool = False


def make_service(scope: Construct, environment: Environment, size: Service, parts: ServiceParts) -> ecs.FargateService:
    """A service that replaces its tasks one by one and goes back by itself when the new ones do not get healthy."""
    service = ecs.FargateService(
        scope,
        "Service",
        service_name=environment.name_of(parts.name),
        cluster=parts.cluster,
        task_definition=parts.task,
        capacity_provider_strategies=[strategy(STEADY)],
        vpc_subnets=task_subnets(environment),
        assign_public_ip=environment.network.has_public_tasks,
        security_groups=[parts.group],
        desired_count=size.least,
        min_healthy_percent=100,
        max_healthy_percent=200,
        circuit_breaker=ecs.DeploymentCircuitBreaker(enable=True, rollback=True),
        health_check_grace_period=Duration.seconds(60),
        enable_execute_command=environment.network.execute_command,
        enable_ecs_managed_tags=True,
        propagate_tags=ecs.PropagatedTagSource.SERVICE,
        cloud_map_options=ecs.CloudMapOptions(name=parts.name, dns_ttl=Duration.seconds(10))
        if parts.has_internal_name
        else None,
    )
    parts.target_group.add_target(
        service.load_balancer_target(container_name=parts.task.default_container.container_name)
    )
    return service
