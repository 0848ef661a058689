from typing import Any

from tests.infra.assemblies import Assembly, as_list

from hctap_infra.operations.counting import read_findings


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
        attributes = {one["Key"]: one["Value"] for one in listeners[443]["ListenerAttributes"]}
        assert attributes["routing.http.response.strict_transport_security.header_value"] == "max-age=31536000"
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


def test_alarms_reach_slack_and_pagerduty(flagged: Assembly) -> None:
    subscriptions = {one.properties["Protocol"] for one in flagged.resources("AWS::SNS::Subscription")}

    assert flagged.one("AWS::Chatbot::SlackChannelConfiguration").properties["SlackChannelId"] == "C0123456789"
    assert subscriptions == {"email", "https"}


def test_behind_cloudfront_askers_are_told_apart_by_what_it_says_of_them(
    flagged: Assembly, assemblies: dict[str, Assembly]
) -> None:
    def limit(assembly: Assembly) -> dict[str, Any]:
        (rate,) = (
            rule
            for rule in assembly.one("AWS::WAFv2::WebACL").properties["Rules"]
            if "RateBasedStatement" in rule["Statement"]
        )
        return dict(rate["Statement"]["RateBasedStatement"])

    assert limit(flagged)["AggregateKeyType"] == "FORWARDED_IP"
    assert limit(flagged)["ForwardedIPConfig"]["HeaderName"] == "X-Forwarded-For"
    assert limit(assemblies["prod"])["AggregateKeyType"] == "IP"


def test_with_every_flag_on_nothing_is_open_in_either_pack(flagged: Assembly) -> None:
    for findings in read_findings(flagged.folder):
        assert findings.opened == 0, findings


def test_services_change_all_at_once_where_blue_green_is_on(flagged: Assembly) -> None:
    rules = _rules(flagged)

    for service, priority in (("Api", 20), ("Dashboard", 10)):
        made = flagged.one("AWS::ECS::Service", f"Programs{service}").properties
        (balancer,) = made["LoadBalancers"]
        advanced = balancer["AdvancedConfiguration"]
        assert made["DeploymentConfiguration"]["Strategy"] == "BLUE_GREEN"
        assert made["DeploymentConfiguration"]["BakeTimeInMinutes"] == 10
        assert made["DeploymentConfiguration"]["DeploymentCircuitBreaker"]["Rollback"] is True
        assert f"{service}Targets" in str(balancer["TargetGroupArn"])
        assert f"{service}Next" in str(advanced["AlternateTargetGroupArn"])
        assert f"{service}Rule" in str(advanced["ProductionListenerRule"])
        weights = {
            str(group["TargetGroupArn"]): group["Weight"]
            for action in rules[priority]["Actions"]
            for group in action.get("ForwardConfig", {}).get("TargetGroups", [])
        }
        assert sorted(weights.values()) == [0, 100]
        assert all(f"{service}Next" in name for name, weight in weights.items() if not weight)


def test_ecs_may_turn_requests_between_a_services_own_targets_alone(flagged: Assembly) -> None:
    for service in ("Api", "Dashboard"):
        (policy,) = (
            one for one in flagged.resources("AWS::IAM::ManagedPolicy") if f"Programs{service}Shift" in one.name
        )
        changing = [
            (as_list(statement["Action"]), str(as_list(statement["Resource"])))
            for statement in policy.properties["PolicyDocument"]["Statement"]
            if statement["Resource"] != "*"
        ]
        actions = {action for found, _ in changing for action in found}
        assert actions == {
            f"elasticloadbalancing:{one}"
            for one in ("DeregisterTargets", "RegisterTargets", "ModifyListener", "ModifyRule")
        }
        other = {"Api": "Dashboard", "Dashboard": "Api"}[service]
        assert all(f"{other}Targets" not in where and f"{other}Rule" not in where for _, where in changing)


def test_blue_green_services_find_each_other_by_what_turns_with_the_balancer(
    flagged: Assembly, assemblies: dict[str, Assembly]
) -> None:
    api = flagged.one("AWS::ECS::Service", "ProgramsApi").properties
    (service,) = api["ServiceConnectConfiguration"]["Services"]
    (alias,) = service["ClientAliases"]

    assert alias == {"DnsName": "api.hc-tap-staging-internal", "Port": 8000}
    assert flagged.one("AWS::ECS::Service", "ProgramsDashboard").properties["ServiceConnectConfiguration"]["Enabled"]
    assert not list(flagged.resources("AWS::ServiceDiscovery::Service"))
    rolling = assemblies["staging"].one("AWS::ECS::Service", "ProgramsApi").properties
    assert "ServiceConnectConfiguration" not in rolling
    assert "Strategy" not in rolling["DeploymentConfiguration"]


def test_requests_are_no_measure_where_they_turn(flagged: Assembly) -> None:
    policies = [
        one.properties["TargetTrackingScalingPolicyConfiguration"]["PredefinedMetricSpecification"]
        for one in flagged.resources("AWS::ApplicationAutoScaling::ScalingPolicy")
        if "TargetTrackingScalingPolicyConfiguration" in one.properties
    ]

    assert {one["PredefinedMetricType"] for one in policies} == {
        "ECSServiceAverageCPUUtilization",
        "ECSServiceAverageMemoryUtilization",
    }
