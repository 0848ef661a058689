"""The network: public, private and database subnets in each zone, the ways out, and a record of who spoke to whom."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from hctap_infra.environments import Environment
from hctap_infra.monitoring.retention import retention_of

PUBLIC, PRIVATE, DATABASE = "public", "private", "database"


def make_vpc(scope: Construct, environment: Environment, key: kms.Key) -> ec2.Vpc:
    """The VPC; its database subnets have no route out, its private ones the NAT gateways that there are."""
    network = environment.network
    kinds = [
        (PUBLIC, ec2.SubnetType.PUBLIC, False),
        (
            PRIVATE,
            ec2.SubnetType.PRIVATE_WITH_EGRESS if network.nat_gateways else ec2.SubnetType.PRIVATE_ISOLATED,
            None,
        ),
        (DATABASE, ec2.SubnetType.PRIVATE_ISOLATED, None),
    ]
    vpc = ec2.Vpc(
        scope,
        "Vpc",
        vpc_name=environment.name_of("vpc"),
        ip_addresses=ec2.IpAddresses.cidr(str(network.cidr)),
        # By name, so that the template says the same on every machine.
        availability_zones=[f"{environment.region}{letter}" for letter in "abc"[: network.zones]],
        nat_gateways=network.nat_gateways,
        subnet_configuration=[
            ec2.SubnetConfiguration(name=name, subnet_type=kind, cidr_mask=20, map_public_ip_on_launch=is_public)
            for name, kind, is_public in kinds
        ],
        # It would be emptied by a Lambda function of CDK; nothing is in it, and a rule of AWS Config watches that.
        restrict_default_security_group=False,
        gateway_endpoints={"S3": ec2.GatewayVpcEndpointOptions(service=ec2.GatewayVpcEndpointAwsService.S3)},
    )
    if network.flow_logs:
        _record_flows(vpc, environment, key)
    return vpc


def _record_flows(vpc: ec2.Vpc, environment: Environment, key: kms.Key) -> None:
    group = logs.LogGroup(
        vpc,
        "Flows",
        log_group_name=f"/vpc/{environment.name_of('flows')}",
        encryption_key=key,
        retention=retention_of(environment.monitoring.log_days),
        removal_policy=RemovalPolicy.RETAIN if environment.is_protected else RemovalPolicy.DESTROY,
    )
    role = iam.Role(vpc, "FlowsRole", assumed_by=iam.ServicePrincipal("vpc-flow-logs.amazonaws.com"))
    iam.ManagedPolicy(
        vpc,
        "FlowsPolicy",
        roles=[role],
        statements=[
            iam.PolicyStatement(
                actions=["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
                resources=[group.log_group_arn],
            )
        ],
    )
    ec2.CfnFlowLog(
        vpc,
        "FlowLog",
        resource_id=vpc.vpc_id,
        resource_type="VPC",
        traffic_type="ALL",
        log_destination_type="cloud-watch-logs",
        log_group_name=group.log_group_name,
        deliver_logs_permission_arn=role.role_arn,
    )
