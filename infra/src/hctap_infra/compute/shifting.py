"""Blue/green: what lets ECS itself turn the requests from the old tasks of a service to the new ones, and back."""

from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as elb
from aws_cdk import aws_iam as iam
from constructs import Construct

from hctap_infra.edge.balancer import Balancer

# As in AWS's AmazonECSInfrastructureRolePolicyForLoadBalancers, for this service's own groups, listener and rule.
LOOK = (
    "elasticloadbalancing:DescribeListeners", "elasticloadbalancing:DescribeRules",
    "elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTargetHealth",
)  # fmt: skip
REGISTER = ("elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets")


def make_alternate(
    scope: Construct, made: Balancer, name: str, rule: elb.ApplicationListenerRule
) -> ecs.AlternateTarget | None:
    """The other targets of a service with the right to turn requests to them; none where services roll."""
    targets = made.targets[name]
    if targets.then is None:
        return None
    role = iam.Role(scope, "ShiftRole", assumed_by=iam.ServicePrincipal("ecs.amazonaws.com"))
    iam.ManagedPolicy(
        scope,
        "ShiftPolicy",
        roles=[role],
        statements=[
            # These know no resource.
            iam.PolicyStatement(actions=list(LOOK), resources=["*"]),
            iam.PolicyStatement(actions=list(REGISTER), resources=[group.target_group_arn for group in targets.groups]),
            iam.PolicyStatement(
                actions=["elasticloadbalancing:ModifyListener"], resources=[made.listener.listener_arn]
            ),
            iam.PolicyStatement(actions=["elasticloadbalancing:ModifyRule"], resources=[rule.listener_rule_arn]),
        ],
    )
    return ecs.AlternateTarget(
        "Next",
        alternate_target_group=targets.then,
        production_listener=ecs.ListenerRuleConfiguration.application_listener_rule(rule),
        role=role.without_policy_updates(),
    )
