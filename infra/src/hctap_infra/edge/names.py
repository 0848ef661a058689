"""The domain's record."""

from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_elasticloadbalancingv2 as elb
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_route53_targets as targets
from constructs import Construct


def make_record(
    scope: Construct,
    zone: route53.IHostedZone,
    domain: str,
    balancer: elb.ApplicationLoadBalancer,
    distribution: cloudfront.Distribution | None,
) -> route53.ARecord:
    """The domain as an alias of what stands in front."""
    front = targets.CloudFrontTarget(distribution) if distribution else targets.LoadBalancerTarget(balancer)
    return route53.ARecord(
        scope, "Record", zone=zone, record_name=f"{domain}.", target=route53.RecordTarget.from_alias(front)
    )
