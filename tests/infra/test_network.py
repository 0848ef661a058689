from typing import Any

from tests.infra.assemblies import Assembly, Resource

OPEN = {"0.0.0.0/0", "::/0"}


def _ingress(assembly: Assembly) -> list[tuple[str, dict[str, Any]]]:
    inline = [
        (group.name, rule)
        for group in assembly.resources("AWS::EC2::SecurityGroup")
        if group.kind == "AWS::EC2::SecurityGroup"
        for rule in group.properties.get("SecurityGroupIngress", [])
    ]
    alone = [
        (str(rule.properties["GroupId"]), rule.properties)
        for rule in assembly.resources("AWS::EC2::SecurityGroupIngress")
    ]
    return inline + alone


def test_nothing_but_the_balancer_is_open_to_addresses_outside(assembly: Assembly) -> None:
    inside = str(assembly.environment.network.cidr)
    outside = [(group, rule) for group, rule in _ingress(assembly) if rule.get("CidrIp", inside) != inside]

    assert all("Balancer" in group for group, _ in outside)
    assert {rule["CidrIp"] for _, rule in outside} <= {str(one) for one in assembly.environment.edge.allow}


def test_groups_let_in_exactly_who_has_business_there(assembly: Assembly) -> None:
    pairs = set()
    for rule in assembly.resources("AWS::EC2::SecurityGroupIngress"):
        source, target = str(rule.properties["SourceSecurityGroupId"]), str(rule.properties["GroupId"])
        pairs.add((_group(source), _group(target), rule.properties["FromPort"]))

    assert pairs == {
        ("Balancer", "Api", 8000),
        ("Balancer", "Dashboard", 8501),
        ("Dashboard", "Api", 8000),
        ("Api", "Database", 5433),
        ("Etl", "Database", 5433),
        ("Api", "Cache", 6380),
    }


def _group(reference: str) -> str:
    return next(
        one for one in ("Balancer", "Api", "Dashboard", "Etl", "Database", "Cache") if f"Groups{one}" in reference
    )


def test_the_balancer_alone_may_face_the_internet(assembly: Assembly) -> None:
    balancer = assembly.one("AWS::ElasticLoadBalancingV2::LoadBalancer")
    database = assembly.one("AWS::RDS::DBInstance", "Database")

    assert balancer.properties["Scheme"] == ("internet-facing" if assembly.environment.edge.is_public else "internal")
    assert database.properties["PubliclyAccessible"] is False
    assert not list(assembly.resources("AWS::EC2::Instance"))


def test_without_a_domain_the_balancer_is_internal(assemblies: dict[str, Assembly]) -> None:
    dev = assemblies["dev"]

    assert dev.environment.edge.domain is None
    assert dev.one("AWS::ElasticLoadBalancingV2::LoadBalancer").properties["Scheme"] == "internal"


def test_dev_pulls_images_without_nat(assemblies: dict[str, Assembly]) -> None:
    dev = assemblies["dev"]
    configurations = [
        service.properties["NetworkConfiguration"]["AwsvpcConfiguration"]
        for service in dev.resources("AWS::ECS::Service")
    ]

    assert not list(dev.resources("AWS::EC2::NatGateway"))
    assert len(configurations) == 3
    for configuration in configurations:
        assert configuration["AssignPublicIp"] == "ENABLED"
        assert "public" in str(configuration["Subnets"])
    assert _routes(dev, "public") == {"GatewayId"}


def test_staging_and_prod_pull_images_from_private_subnets(assemblies: dict[str, Assembly]) -> None:
    for name in ("staging", "prod"):
        one = assemblies[name]
        for service in one.resources("AWS::ECS::Service"):
            configuration = service.properties["NetworkConfiguration"]["AwsvpcConfiguration"]
            assert configuration["AssignPublicIp"] == "DISABLED"
            assert "private" in str(configuration["Subnets"])
        assert _routes(one, "private") == {"NatGatewayId"}


def _routes(assembly: Assembly, kind: str) -> set[str]:
    ways: set[str] = set()
    for route in assembly.resources("AWS::EC2::Route"):
        if kind in route.name:
            assert route.properties["DestinationCidrBlock"] == "0.0.0.0/0"
            ways |= {"GatewayId", "NatGatewayId"} & set(route.properties)
    return ways


def test_database_subnets_have_no_way_out(assembly: Assembly) -> None:
    assert not [route.name for route in assembly.resources("AWS::EC2::Route") if "databaseSubnet" in route.name]


def test_there_are_as_many_zones_as_wanted(assembly: Assembly) -> None:
    subnets = list(assembly.resources("AWS::EC2::Subnet"))

    assert len(subnets) == 3 * assembly.environment.network.zones
    assert {str(one.properties["AvailabilityZone"])[:-1] for one in subnets} == {assembly.environment.region}
    assert not [one.name for one in subnets if one.properties.get("MapPublicIpOnLaunch")]


def test_s3_is_reached_without_nat_and_flows_are_on_record(assembly: Assembly) -> None:
    gateways = [
        one for one in assembly.resources("AWS::EC2::VPCEndpoint") if one.properties["VpcEndpointType"] == "Gateway"
    ]

    assert len(gateways) == 1
    assert "s3" in str(gateways[0].properties["ServiceName"])
    assert assembly.one("AWS::EC2::FlowLog").properties["TrafficType"] == "ALL"


def test_prod_reaches_registry_logs_and_secrets_inside_the_network(assemblies: dict[str, Assembly]) -> None:
    services = {
        str(one.properties["ServiceName"]).removeprefix("com.amazonaws.us-east-1.")
        for one in assemblies["prod"].resources("AWS::EC2::VPCEndpoint")
        if one.properties["VpcEndpointType"] == "Interface"
    }

    assert services == {"ecr.api", "ecr.dkr", "logs", "secretsmanager"}


def test_no_rule_is_open_to_all_but_outward_tls(assembly: Assembly) -> None:
    groups = list(assembly.resources("AWS::EC2::SecurityGroup"))

    assert not [rule for _, rule in _ingress(assembly) if rule.get("CidrIp") in OPEN]
    assert {rule["ToPort"] for group in groups for rule in _egress(group)} == {443}


def _egress(group: Resource) -> list[dict[str, Any]]:
    # CDK writes "nothing" as a rule to an address that there is not.
    rules: list[dict[str, Any]] = group.properties.get("SecurityGroupEgress", [])
    return [rule for rule in rules if rule.get("CidrIp") != "255.255.255.255/32"]
