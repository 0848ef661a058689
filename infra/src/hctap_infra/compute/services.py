"""The services behind the balancer: how they roll out, roll back and find each other."""

from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as elb
from constructs import Construct

from hctap_infra.compute.cluster import STEADY, strategy, task_subnets
from hctap_infra.compute.shifting import make_alternate
from hctap_infra.edge.balancer import Balancer
from hctap_infra.environment_parts import Service
from hctap_infra.environments import Environment
from hctap_infra.network.ports import API_PORT


@dataclass(frozen=True, slots=True)
class ServiceParts:
    """What a service is made of, beside its size."""

    name: str
    cluster: ecs.Cluster
    task: ecs.FargateTaskDefinition
    group: ec2.SecurityGroup
    balancer: Balancer
    rule: elb.ApplicationListenerRule
    has_internal_name: bool = False


def make_service(scope: Construct, environment: Environment, size: Service, parts: ServiceParts) -> ecs.FargateService:
    """A service that goes back by itself when its new tasks do not get healthy, whichever way it changes them."""
    deployment = environment.deployment
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
        deployment_strategy=ecs.DeploymentStrategy.BLUE_GREEN if deployment.is_blue_green else None,
        bake_time=Duration.minutes(deployment.bake_minutes) if deployment.is_blue_green else None,
        circuit_breaker=ecs.DeploymentCircuitBreaker(enable=True, rollback=True),
        health_check_grace_period=Duration.seconds(60),
        enable_execute_command=environment.network.execute_command,
        enable_ecs_managed_tags=True,
        propagate_tags=ecs.PropagatedTagSource.SERVICE,
        cloud_map_options=_find_by_dns(environment, parts),
        service_connect_configuration=_find_by_proxy(environment, parts),
    )
    parts.balancer.targets[parts.name].now.add_target(
        service.load_balancer_target(
            container_name=parts.task.default_container.container_name,
            alternate_target=make_alternate(scope, parts.balancer, parts.name, parts.rule),
        )
    )
    # A rule, and the right to turn it, have to be there before ECS is told to.
    needed = (parts.rule, scope.node.try_find_child("ShiftPolicy"))
    service.node.add_dependency(*(one for one in needed if one))
    return service


def internal_host(environment: Environment, name: str) -> str:
    """The name under which a service is found inside the network, in either way."""
    return f"{name}.{environment.name_of('internal')}"


def _find_by_dns(environment: Environment, parts: ServiceParts) -> ecs.CloudMapOptions | None:
    if environment.deployment.is_blue_green or not parts.has_internal_name:
        return None
    return ecs.CloudMapOptions(name=parts.name, dns_ttl=Duration.seconds(10))


def _find_by_proxy(environment: Environment, parts: ServiceParts) -> ecs.ServiceConnectProps | None:
    """Service Connect, which turns with the balancer; DNS would name the new tasks before their time."""
    if not environment.deployment.is_blue_green:
        return None
    if not parts.has_internal_name:
        return ecs.ServiceConnectProps()
    return ecs.ServiceConnectProps(
        services=[
            ecs.ServiceConnectService(
                port_mapping_name=parts.name,
                discovery_name=parts.name,
                dns_name=internal_host(environment, parts.name),
                port=API_PORT,
            )
        ]
    )
