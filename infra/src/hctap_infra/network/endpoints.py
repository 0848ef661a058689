"""Doors to AWS's own services inside the network, so that pulls, logs and secrets pass no NAT and no internet."""

from aws_cdk import aws_ec2 as ec2

from hctap_infra.environments import Environment
from hctap_infra.network.vpc import PRIVATE


def make_endpoints(vpc: ec2.Vpc, environment: Environment, group: ec2.SecurityGroup) -> None:
    """An interface endpoint in the private subnets for each service that the environment names."""
    for service in environment.network.interface_endpoints:
        vpc.add_interface_endpoint(
            service.replace(".", "-"),
            service=ec2.InterfaceVpcEndpointAwsService(service),
            subnets=ec2.SubnetSelection(subnet_group_name=PRIVATE),
            security_groups=[group],
            # The security group's rules are written down beside it, not made on the way.
            open=False,
            private_dns_enabled=True,
        )
