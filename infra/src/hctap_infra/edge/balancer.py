"""The one way in: a balancer with TLS, and which path leads to which service."""

from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elb
from aws_cdk import aws_s3 as s3
from constructs import Construct

from hctap_infra.compute.programs import API, DASHBOARD, Program
from hctap_infra.environments import Environment
from hctap_infra.network.ports import HTTP_PORT, HTTPS_PORT


@dataclass(frozen=True, slots=True)
class Balancer:
    """The balancer, its listener, and a target group for each service."""

    balancer: elb.ApplicationLoadBalancer
    listener: elb.ApplicationListener
    api: elb.ApplicationTargetGroup
    dashboard: elb.ApplicationTargetGroup


def make_balancer(
    scope: Construct,
    environment: Environment,
    *,
    vpc: ec2.Vpc,
    group: ec2.SecurityGroup,
    logs: s3.Bucket,
    certificate: acm.ICertificate | None,
) -> Balancer:
    """The balancer: public only with TLS and for those who are allowed; else internal."""
    is_public = environment.edge.is_public
    balancer = elb.ApplicationLoadBalancer(
        scope,
        "Balancer",
        load_balancer_name=environment.name_of("balancer"),
        vpc=vpc,
        internet_facing=is_public,
        vpc_subnets=ec2.SubnetSelection(subnet_group_name="public" if is_public else "private"),
        security_group=group,
        deletion_protection=environment.is_protected,
        drop_invalid_header_fields=True,
        desync_mitigation_mode=elb.DesyncMitigationMode.STRICTEST,
        idle_timeout=Duration.seconds(120),
    )
    balancer.log_access_logs(logs, "balancer")
    return Balancer(
        balancer,
        _make_listener(balancer, certificate),
        _make_target_group(scope, environment, vpc, API),
        _make_target_group(scope, environment, vpc, DASHBOARD, sticky=True),
    )


def _make_listener(
    balancer: elb.ApplicationLoadBalancer, certificate: acm.ICertificate | None
) -> elb.ApplicationListener:
    nowhere = elb.ListenerAction.fixed_response(404, content_type="text/plain", message_body="There is nothing here.")
    if certificate is None:
        return balancer.add_listener("Http", port=HTTP_PORT, open=False, default_action=nowhere)
    balancer.add_listener(
        "Redirect",
        port=HTTP_PORT,
        open=False,
        default_action=elb.ListenerAction.redirect(protocol="HTTPS", port=str(HTTPS_PORT), permanent=True),
    )
    return balancer.add_listener(
        "Https",
        port=HTTPS_PORT,
        protocol=elb.ApplicationProtocol.HTTPS,
        certificates=[certificate],
        ssl_policy=elb.SslPolicy.RECOMMENDED_TLS,
        open=False,
        default_action=nowhere,
    )


def _make_target_group(
    scope: Construct, environment: Environment, vpc: ec2.Vpc, program: Program, *, sticky: bool = False
) -> elb.ApplicationTargetGroup:
    return elb.ApplicationTargetGroup(
        scope,
        f"{program.image.title()}Targets",
        target_group_name=environment.name_of(program.image),
        vpc=vpc,
        port=program.port,
        protocol=elb.ApplicationProtocol.HTTP,
        target_type=elb.TargetType.IP,
        deregistration_delay=Duration.seconds(30),
        # A session of Streamlit lives in one process.
        stickiness_cookie_duration=Duration.hours(12) if sticky else None,
        health_check=elb.HealthCheck(
            path=program.health_path,
            interval=Duration.seconds(15),
            timeout=Duration.seconds(5),
            healthy_threshold_count=2,
            unhealthy_threshold_count=3,
            healthy_http_codes="200",
        ),
    )
