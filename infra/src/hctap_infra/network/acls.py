"""The network's second fence: what may cross the border of a subnet at all, whatever security groups say."""

from aws_cdk import aws_ec2 as ec2

from hctap_infra.environments import Environment
from hctap_infra.network.ports import DATABASE_PORT
from hctap_infra.network.vpc import DATABASE


def make_database_acl(vpc: ec2.Vpc, environment: Environment) -> None:
    """The database subnets speak with this network alone: in on the database's port, out to answers."""
    acl = ec2.NetworkAcl(vpc, "DatabaseAcl", vpc=vpc, subnet_selection=ec2.SubnetSelection(subnet_group_name=DATABASE))
    inside = ec2.AclCidr.ipv4(str(environment.network.cidr))
    rules = [
        ("DatabaseIn", 100, ec2.TrafficDirection.INGRESS, ec2.AclTraffic.tcp_port(DATABASE_PORT)),
        ("AnswersOut", 100, ec2.TrafficDirection.EGRESS, ec2.AclTraffic.tcp_port_range(1024, 65535)),
        # A standby and a replica speak with their primary across zones.
        ("PeersIn", 110, ec2.TrafficDirection.INGRESS, ec2.AclTraffic.tcp_port_range(1024, 65535)),
    ]
    for name, number, direction, traffic in rules:
        acl.add_entry(name, rule_number=number, cidr=inside, direction=direction, traffic=traffic)
