"""The certificate of the domain."""

from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_route53 as route53
from constructs import Construct

from hctap_infra.environments import Environment


def find_zone(scope: Construct, environment: Environment) -> route53.IHostedZone | None:
    """The hosted zone that is there already, if the environment names one."""
    zone = environment.edge.hosted_zone
    if zone is None:
        return None
    return route53.HostedZone.from_hosted_zone_attributes(scope, "Zone", hosted_zone_id=zone.id, zone_name=zone.name)


def make_certificate(
    scope: Construct, environment: Environment, zone: route53.IHostedZone | None
) -> acm.ICertificate | None:
    """The certificate, proved by a record in the zone, or the one that is there; none without a domain."""
    edge = environment.edge
    if edge.domain is None:
        return None
    if edge.certificate_arn:
        return acm.Certificate.from_certificate_arn(scope, "Certificate", edge.certificate_arn)
    return acm.Certificate(
        scope, "Certificate", domain_name=edge.domain, validation=acm.CertificateValidation.from_dns(zone)
    )
