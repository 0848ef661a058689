"""The web firewall: AWS's managed rules, and a limit on how often one address may ask."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_elasticloadbalancingv2 as elb
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_wafv2 as waf
from constructs import Construct

from hctap_infra.environments import Environment
from hctap_infra.monitoring.retention import retention_of

MANAGED = (
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesCommonRuleSet",
    "AWSManagedRulesKnownBadInputsRuleSet",
)
# Clinical notes are larger than the 8 KB that this rule lets pass; the API has a limit of its own.
COUNTED_ONLY = {"AWSManagedRulesCommonRuleSet": ("SizeRestrictions_BODY", "CrossSiteScripting_BODY")}


def make_firewall(
    scope: Construct, environment: Environment, balancer: elb.ApplicationLoadBalancer, key: kms.Key
) -> waf.CfnWebACL:
    """The firewall in front of the balancer; what it refuses is on record, without bodies."""
    rules = [_managed(name, number) for number, name in enumerate(MANAGED)]
    acl = waf.CfnWebACL(
        scope,
        "Firewall",
        name=environment.name_of("firewall"),
        scope="REGIONAL",
        default_action=waf.CfnWebACL.DefaultActionProperty(allow={}),
        visibility_config=_visibility("firewall"),
        rules=[*rules, _rate(environment, len(rules))],
    )
    waf.CfnWebACLAssociation(
        scope, "FirewallOnBalancer", resource_arn=balancer.load_balancer_arn, web_acl_arn=acl.attr_arn
    )
    group = logs.LogGroup(
        scope,
        "FirewallLog",
        # The name has to begin so.
        log_group_name=f"aws-waf-logs-{environment.name_of('firewall')}",
        encryption_key=key,
        retention=retention_of(environment.monitoring.log_days),
        removal_policy=RemovalPolicy.RETAIN if environment.is_protected else RemovalPolicy.DESTROY,
    )
    waf.CfnLoggingConfiguration(
        scope,
        "FirewallLogging",
        resource_arn=acl.attr_arn,
        log_destination_configs=[group.log_group_arn],
        redacted_fields=[
            waf.CfnLoggingConfiguration.FieldToMatchProperty(single_header={"Name": "authorization"}),
            waf.CfnLoggingConfiguration.FieldToMatchProperty(single_header={"Name": "cookie"}),
            waf.CfnLoggingConfiguration.FieldToMatchProperty(query_string={}),
        ],
    )
    return acl


def _managed(name: str, number: int) -> waf.CfnWebACL.RuleProperty:
    return waf.CfnWebACL.RuleProperty(
        name=name,
        priority=number,
        override_action=waf.CfnWebACL.OverrideActionProperty(none={}),
        visibility_config=_visibility(name),
        statement=waf.CfnWebACL.StatementProperty(
            managed_rule_group_statement=waf.CfnWebACL.ManagedRuleGroupStatementProperty(
                vendor_name="AWS",
                name=name,
                rule_action_overrides=[
                    waf.CfnWebACL.RuleActionOverrideProperty(
                        name=rule, action_to_use=waf.CfnWebACL.RuleActionProperty(count={})
                    )
                    for rule in COUNTED_ONLY.get(name, ())
                ],
            )
        ),
    )


def _rate(environment: Environment, number: int) -> waf.CfnWebACL.RuleProperty:
    # Behind CloudFront everybody has CloudFront's address; this header says whose request it was.
    forwarded = waf.CfnWebACL.ForwardedIPConfigurationProperty(header_name="X-Forwarded-For", fallback_behavior="MATCH")
    behind = environment.edge.has_distribution
    return waf.CfnWebACL.RuleProperty(
        name="rate",
        priority=number,
        action=waf.CfnWebACL.RuleActionProperty(block={}),
        visibility_config=_visibility("rate"),
        statement=waf.CfnWebACL.StatementProperty(
            rate_based_statement=waf.CfnWebACL.RateBasedStatementProperty(
                aggregate_key_type="FORWARDED_IP" if behind else "IP",
                forwarded_ip_config=forwarded if behind else None,
                limit=environment.edge.requests_a_5_minutes,
            )
        ),
    )


def _visibility(name: str) -> waf.CfnWebACL.VisibilityConfigProperty:
    # Samples would hold requests, and these may hold notes.
    return waf.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=False
    )
