"""The one way in: a balancer with TLS, and which path leads to which service."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elb
from aws_cdk import aws_s3 as s3
from constructs import Construct

from hctap_infra.compute.programs import API, DASHBOARD, Program
from hctap_infra.environments import Environment
from hctap_infra.network.ports import HTTP_PORT, HTTPS_PORT

_STRICT_TRANSPORT: Final = f"max-age={365 * 24 * 3600}"


@dataclass(frozen=True, slots=True)
class Targets:
    """The tasks of a service that answer, and beside them those that a blue/green deployment lets answer next."""

    now: elb.ApplicationTargetGroup
    then: elb.ApplicationTargetGroup | None

    @property
    def groups(self) -> tuple[elb.ApplicationTargetGroup, ...]:
        """Both, or the one that there is."""
        return (self.now, self.then) if self.then else (self.now,)


@dataclass(frozen=True, slots=True)
class Balancer:
    """The balancer, its listener, and the targets of each service."""

    balancer: elb.ApplicationLoadBalancer
    listener: elb.ApplicationListener
    targets: Mapping[str, Targets]


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
        {program.image: _make_targets(scope, environment, vpc, program) for program in (API, DASHBOARD)},
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
    listener = balancer.add_listener(
        "Https",
        port=HTTPS_PORT,
        protocol=elb.ApplicationProtocol.HTTPS,
        certificates=[certificate],
        ssl_policy=elb.SslPolicy.RECOMMENDED_TLS,
        open=False,
        default_action=nowhere,
    )
    # Whoever came over TLS once comes so always, even by an address typed without it.
    listener.set_attribute("routing.http.response.strict_transport_security.header_value", _STRICT_TRANSPORT)
    return listener


def _make_targets(scope: Construct, environment: Environment, vpc: ec2.Vpc, program: Program) -> Targets:
    now = _make_target_group(scope, environment.name_of(program.image), "Targets", vpc, program)
    if not environment.deployment.is_blue_green:
        return Targets(now, None)
    return Targets(now, _make_target_group(scope, environment.name_of(f"{program.image}-next"), "Next", vpc, program))


def _make_target_group(
    scope: Construct, name: str, part: str, vpc: ec2.Vpc, program: Program
) -> elb.ApplicationTargetGroup:
    return elb.ApplicationTargetGroup(
        scope,
        f"{program.image.title()}{part}",
        target_group_name=name,
        vpc=vpc,
        port=program.port,
        protocol=elb.ApplicationProtocol.HTTP,
        target_type=elb.TargetType.IP,
        deregistration_delay=Duration.seconds(30),
        # A session of Streamlit lives in one process.
        stickiness_cookie_duration=Duration.hours(12) if program is DASHBOARD else None,
        health_check=elb.HealthCheck(
            path=program.health_path,
            interval=Duration.seconds(15),
            timeout=Duration.seconds(5),
            healthy_threshold_count=2,
            unhealthy_threshold_count=3,
            healthy_http_codes="200",
        ),
    )
