"""Who may open a connection to whom: balancer to services, services to stores, and nothing else."""

from dataclasses import dataclass

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from hctap_infra.environments import Environment
from hctap_infra.network.ports import (
    API_PORT,
    CACHE_PORT,
    DASHBOARD_PORT,
    DATABASE_PORT,
    HTTP_PORT,
    HTTPS_PORT,
)


@dataclass(frozen=True, slots=True)
class SecurityGroups:
    """One group for each kind of thing that has an address."""

    balancer: ec2.SecurityGroup
    api: ec2.SecurityGroup
    dashboard: ec2.SecurityGroup
    etl: ec2.SecurityGroup
    database: ec2.SecurityGroup
    cache: ec2.SecurityGroup
    endpoints: ec2.SecurityGroup


def make_security_groups(scope: Construct, environment: Environment, vpc: ec2.Vpc) -> SecurityGroups:
    """The groups and all their rules; nothing opens a connection that is not listed here."""
    groups = SecurityGroups(
        **{
            name: ec2.SecurityGroup(
                scope,
                name.title(),
                vpc=vpc,
                security_group_name=environment.name_of(name),
                description=f"{environment.project} {environment.name}: {name}",
                allow_all_outbound=False,
            )
            for name in SecurityGroups.__dataclass_fields__
        }
    )
    _let_people_in(groups.balancer, environment)
    for source, target, port in (
        (groups.balancer, groups.api, API_PORT),
        (groups.balancer, groups.dashboard, DASHBOARD_PORT),
        (groups.dashboard, groups.api, API_PORT),
        (groups.api, groups.database, DATABASE_PORT),
        (groups.etl, groups.database, DATABASE_PORT),
        (groups.api, groups.cache, CACHE_PORT),
    ):
        target.add_ingress_rule(source, ec2.Port.tcp(port), f"from {_last(source)}")
        source.add_egress_rule(target, ec2.Port.tcp(port), f"to {_last(target)}")
    inside = ec2.Peer.ipv4(str(environment.network.cidr))
    groups.endpoints.add_ingress_rule(inside, ec2.Port.tcp(HTTPS_PORT), "from tasks")
    for group in (groups.api, groups.dashboard, groups.etl):
        # Registry, logs, secrets and S3 answer at changing addresses; only outward, only TLS.
        group.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(HTTPS_PORT), "to AWS's services")
    return groups


def _let_people_in(balancer: ec2.SecurityGroup, environment: Environment) -> None:
    edge = environment.edge
    if edge.domain:
        for network in edge.allow or (environment.network.cidr,):
            balancer.add_ingress_rule(ec2.Peer.ipv4(str(network)), ec2.Port.tcp(HTTPS_PORT), "people, by TLS")
            balancer.add_ingress_rule(ec2.Peer.ipv4(str(network)), ec2.Port.tcp(HTTP_PORT), "people, to be redirected")
    else:
        inside = ec2.Peer.ipv4(str(environment.network.cidr))
        balancer.add_ingress_rule(inside, ec2.Port.tcp(HTTP_PORT), "from inside the network")


def _last(group: ec2.SecurityGroup) -> str:
    return str(group.node.id).lower()
