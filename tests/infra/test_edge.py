from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.infra.assemblies import Assembly
from tests.infra.conftest import OWN

from hctap_infra.environments import read_environment


def _rules(assembly: Assembly) -> dict[int, dict[str, Any]]:
    return {
        one.properties["Priority"]: one.properties
        for one in assembly.resources("AWS::ElasticLoadBalancingV2::ListenerRule")
    }


def test_paths_lead_to_their_service_and_metrics_to_none(assembly: Assembly) -> None:
    rules = _rules(assembly)

    assert rules[5]["Actions"][0]["Type"] == "fixed-response"
    assert "/metrics" in str(rules[5]["Conditions"])
    assert "/app/*" in str(rules[10]["Conditions"])
    assert "DashboardTargets" in str(rules[10]["Actions"])
    assert "ApiTargets" in str(rules[20]["Actions"])
    for priority in (10, 20):
        assert "host-header" in {condition["Field"] for condition in rules[priority]["Conditions"]}


def test_what_no_rule_names_gets_nothing(assembly: Assembly) -> None:
    for listener in assembly.resources("AWS::ElasticLoadBalancingV2::Listener"):
        if listener.kind == "AWS::ElasticLoadBalancingV2::Listener":
            (action,) = listener.properties["DefaultActions"]
            assert action["Type"] in {"fixed-response", "redirect"}


def test_with_a_domain_everything_is_https(assemblies: dict[str, Assembly]) -> None:
    for name in ("staging", "prod"):
        listeners = {
            one.properties["Port"]: one.properties
            for one in assemblies[name].resources("AWS::ElasticLoadBalancingV2::Listener")
            if one.kind == "AWS::ElasticLoadBalancingV2::Listener"
        }
        assert set(listeners) == {80, 443}
        assert listeners[80]["DefaultActions"][0]["RedirectConfig"]["Protocol"] == "HTTPS"
        assert listeners[443]["Certificates"]
        assert listeners[443]["SslPolicy"].startswith("ELBSecurityPolicy-TLS13-1-2")


def test_health_is_asked_where_the_programs_answer(assembly: Assembly) -> None:
    groups = {
        one.properties["Name"].rpartition("-")[2]: one.properties
        for one in assembly.resources("AWS::ElasticLoadBalancingV2::TargetGroup")
    }

    assert (groups["api"]["HealthCheckPath"], groups["api"]["Port"]) == ("/health", 8000)
    assert (groups["dashboard"]["HealthCheckPath"], groups["dashboard"]["Port"]) == ("/app/_stcore/health", 8501)
    attributes = {one["Key"]: one["Value"] for one in groups["dashboard"]["TargetGroupAttributes"]}
    assert attributes["stickiness.enabled"] == "true"


def test_the_balancer_drops_what_is_malformed_and_writes_down_who_asked(assembly: Assembly) -> None:
    balancer = assembly.one("AWS::ElasticLoadBalancingV2::LoadBalancer").properties
    attributes = {one["Key"]: one["Value"] for one in balancer["LoadBalancerAttributes"]}

    assert attributes["routing.http.drop_invalid_header_fields.enabled"] == "true"
    assert attributes["routing.http.desync_mitigation_mode"] == "strictest"
    assert attributes["access_logs.s3.enabled"] == "true"


def test_the_firewall_keeps_no_bodies(assemblies: dict[str, Assembly]) -> None:
    assert not list(assemblies["dev"].resources("AWS::WAFv2"))
    for name in ("staging", "prod"):
        firewall = assemblies[name].one("AWS::WAFv2::WebACL").properties
        assert len(firewall["Rules"]) == 4
        assert not [rule for rule in firewall["Rules"] if rule["VisibilityConfig"]["SampledRequestsEnabled"]]
        assert "Balancer" in str(assemblies[name].one("AWS::WAFv2::WebACLAssociation").properties["ResourceArn"])


@pytest.fixture(scope="module")
def flagged(tmp_path_factory: pytest.TempPathFactory, cdk_context: dict[str, Any]) -> Assembly:
    """Staging with every flag of the edge on."""
    from aws_cdk import App

    from hctap_infra.application import compose

    folder: Path = tmp_path_factory.mktemp("flags")
    own = yaml.safe_load(OWN.read_text())
    own["staging"]["edge"] |= {
        "allow": [],
        "has_distribution": True,
        "sign_in": {
            "issuer": "https://id.example.org",
            "authorization_endpoint": "https://id.example.org/authorize",
            "token_endpoint": "https://id.example.org/token",
            "user_info_endpoint": "https://id.example.org/me",
            "client_id": "hc-tap",
            "secret_name": "hc-tap/staging/oidc",
        },
    }
    own["shared"]["monitoring"] |= {"slack": {"workspace": "T0123456789", "channel": "C0123456789"}}
    path = folder / "own.yaml"
    path.write_text(yaml.safe_dump(own))
    environment = read_environment("staging", path)
    app = App(outdir=str(folder / "out"), context=cdk_context)
    compose(app, environment, "0123456789ab")
    app.synth()
    return Assembly(environment, folder / "out")


def test_behind_cloudfront_the_balancer_is_internal_and_nothing_is_cached(flagged: Assembly) -> None:
    distribution = flagged.one("AWS::CloudFront::Distribution").properties["DistributionConfig"]

    assert flagged.one("AWS::ElasticLoadBalancingV2::LoadBalancer").properties["Scheme"] == "internal"
    # AWS's managed policy CachingDisabled.
    assert distribution["DefaultCacheBehavior"]["CachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    assert "Distribution" in str(flagged.one("AWS::Route53::RecordSet").properties["AliasTarget"])


def test_with_a_provider_the_dashboard_asks_it_and_the_api_asks_for_keys(flagged: Assembly) -> None:
    rules = _rules(flagged)

    assert [action["Type"] for action in rules[10]["Actions"]] == ["authenticate-oidc", "forward"]
    assert [action["Type"] for action in rules[20]["Actions"]] == ["forward"]


def test_alarms_reach_slack(flagged: Assembly) -> None:
    assert flagged.one("AWS::Chatbot::SlackChannelConfiguration").properties["SlackChannelId"] == "C0123456789"
