"""Which requests reach a service: those for the right host, and for `/metrics` none."""

from collections.abc import Mapping

from aws_cdk import Duration, SecretValue
from aws_cdk import aws_elasticloadbalancingv2 as elb

from hctap_infra.edge.balancer import Balancer, Targets
from hctap_infra.environments import Environment

ALL, NONE = 100, 0


def make_routes(made: Balancer, environment: Environment) -> Mapping[str, elb.ApplicationListenerRule]:
    """`/app` to the dashboard, everything else to the API, after sign-in where there is one; says the rules."""
    host = elb.ListenerCondition.host_headers([environment.edge.domain or made.balancer.load_balancer_dns_name])
    made.listener.add_action(
        "Inner",
        priority=5,
        conditions=[elb.ListenerCondition.path_patterns(["/metrics", "/metrics/*"])],
        action=elb.ListenerAction.fixed_response(404, content_type="text/plain", message_body="There is nothing here."),
    )
    to_dashboard, to_api = (_forward(made.targets[name]) for name in ("dashboard", "api"))
    return {
        "dashboard": elb.ApplicationListenerRule(
            made.listener,
            "DashboardRule",
            listener=made.listener,
            priority=10,
            conditions=[host, elb.ListenerCondition.path_patterns(["/app", "/app/*"])],
            action=_signed_in(environment, to_dashboard),
        ),
        "api": elb.ApplicationListenerRule(
            made.listener, "ApiRule", listener=made.listener, priority=20, conditions=[host], action=to_api
        ),
    }


def _forward(targets: Targets) -> elb.ListenerAction:
    if targets.then is None:
        return elb.ListenerAction.forward([targets.now])
    # ECS turns the weights round when the next tasks are well.
    return elb.ListenerAction.weighted_forward(
        [
            elb.WeightedTargetGroup(target_group=targets.now, weight=ALL),
            elb.WeightedTargetGroup(target_group=targets.then, weight=NONE),
        ]
    )


def _signed_in(environment: Environment, action: elb.ListenerAction) -> elb.ListenerAction:
    """The action after the OpenID provider; programs come with keys to the API, so it alone is left out."""
    sign_in = environment.edge.sign_in
    if sign_in is None:
        return action
    return elb.ListenerAction.authenticate_oidc(
        issuer=sign_in.issuer,
        authorization_endpoint=sign_in.authorization_endpoint,
        token_endpoint=sign_in.token_endpoint,
        user_info_endpoint=sign_in.user_info_endpoint,
        client_id=sign_in.client_id,
        client_secret=SecretValue.secrets_manager(sign_in.secret_name),
        session_timeout=Duration.hours(8),
        # The balancer itself asks the provider, over TLS.
        allow_https_outbound=True,
        next=action,
    )
