"""CloudFront in front of the balancer, by flag: TLS near to people; it keeps nothing."""

from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_elasticloadbalancingv2 as elb
from constructs import Construct

from hctap_infra.environments import Environment


def make_distribution(
    scope: Construct,
    environment: Environment,
    certificate: acm.ICertificate,
    balancer: elb.ApplicationLoadBalancer,
) -> cloudfront.Distribution:
    """The distribution, whose door into the network leads to the internal balancer; answers are never cached."""
    return cloudfront.Distribution(
        scope,
        "Distribution",
        comment=environment.name_of("distribution"),
        domain_names=[str(environment.edge.domain)],
        certificate=certificate,
        minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
        default_behavior=cloudfront.BehaviorOptions(
            origin=origins.VpcOrigin.with_application_load_balancer(
                balancer,
                protocol_policy=cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
                origin_ssl_protocols=[cloudfront.OriginSslPolicy.TLS_V1_2],
            ),
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
            allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
            # Answers may hold PHI.
            cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
            # With the host that people asked for, which is the one that the balancer's certificate names.
            origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER,
        ),
    )
