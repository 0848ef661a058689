"""What each resource of a template costs in a month, at rest."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from hctap_infra.cost.prices import Prices
from hctap_infra.environments import Environment

Properties = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """One resource, what is paid for, and US dollars a month."""

    resource: str
    what: str
    dollars: float


@dataclass(frozen=True, slots=True)
class Case:
    """What a price is computed from."""

    environment: Environment
    prices: Prices
    tasks: Mapping[str, Properties]


def price_template(
    templates: Mapping[str, Mapping[str, Any]], environment: Environment, prices: Prices
) -> Iterator[Line]:
    """Every resource that costs something, in the order of the templates."""
    resources = {name: one for template in templates.values() for name, one in template["Resources"].items()}
    case = Case(
        environment,
        prices,
        {one["Properties"]["Family"]: one["Properties"] for one in resources.values() if one["Type"] == _TASK},
    )
    for name, one in resources.items():
        price = _PRICED.get(one["Type"])
        if price:
            yield from (
                Line(name, what, dollars) for what, dollars in price(case, one.get("Properties", {})) if dollars
            )


_TASK: Final = "AWS::ECS::TaskDefinition"
Priced = Iterator[tuple[str, float]]


def _price_service(case: Case, service: Properties) -> Priced:
    environment, prices = case.environment, case.prices
    name = service["ServiceName"]
    task, tasks = case.tasks[name], service.get("DesiredCount", 0)
    size = {environment.name_of("api"): environment.api, environment.name_of("dashboard"): environment.dashboard}.get(
        name
    )
    rests = size is not None and size.night_least is not None
    share = 1 - prices.usage.night_hours / 24 if rests else 1.0
    hours = prices.hours * share * tasks
    yield f"{tasks} x {task['Cpu']}/{task['Memory']}, {share:.0%} of the hours", hours * _an_hour(case, task)
    if service["NetworkConfiguration"]["AwsvpcConfiguration"]["AssignPublicIp"] == "ENABLED":
        yield "public IPv4 addresses", hours * prices.of("public_ipv4_hour")


def _an_hour(case: Case, task: Properties) -> float:
    vcpu, gb = int(task["Cpu"]) / 1024, int(task["Memory"]) / 1024
    return vcpu * case.prices.of("fargate_vcpu_hour") + gb * case.prices.of("fargate_gb_hour")


def _price_schedule(case: Case, _: Properties) -> Priced:
    task = case.tasks[case.environment.name_of("etl")]
    hours = case.prices.hours * case.prices.usage.etl_minutes / 60
    yield "an empty run each hour, on Spot", hours * _an_hour(case, task) * case.prices.of("fargate_spot_share")


def _price_database(case: Case, one: Properties) -> Priced:
    copies = 2 if one.get("MultiAZ") else 1
    yield f"{copies} x {one['DBInstanceClass']}", copies * case.prices.a_month(one["DBInstanceClass"])
    storage = int(one.get("AllocatedStorage", case.environment.database.storage_gb))
    yield f"{copies} x {storage} GB", copies * storage * case.prices.of("database_gb")


def _price_cache(case: Case, one: Properties) -> Priced:
    nodes = one["NumCacheClusters"]
    yield f"{nodes} x {one['CacheNodeType']}", nodes * case.prices.a_month(one["CacheNodeType"])


def _price_balancer(case: Case, one: Properties) -> Priced:
    prices = case.prices
    yield "hours", prices.a_month("balancer_hour")
    yield f"{prices.usage.balancer_lcu} LCU", prices.usage.balancer_lcu * prices.a_month("balancer_lcu_hour")
    if one["Scheme"] == "internet-facing":
        yield "public IPv4 addresses", case.environment.network.zones * prices.a_month("public_ipv4_hour")


def _price_nat(case: Case, _: Properties) -> Priced:
    prices = case.prices
    yield "hours and its address", prices.a_month("nat_hour") + prices.a_month("public_ipv4_hour")
    yield f"{prices.usage.nat_gb:g} GB", prices.usage.nat_gb * prices.of("nat_gb")


def _price_endpoint(case: Case, one: Properties) -> Priced:
    if one["VpcEndpointType"] == "Interface":
        zones = len(one["SubnetIds"])
        yield f"in {zones} zones", zones * case.prices.a_month("endpoint_zone_hour")


def _price_firewall(case: Case, one: Properties) -> Priced:
    rules = len(one["Rules"])
    yield f"with {rules} rules", case.prices.of("firewall") + rules * case.prices.of("firewall_rule")


def _price_alarm(case: Case, one: Properties) -> Priced:
    # A formula is paid for by the metrics that it reads; a band of the usual by three.
    metrics = len([part for part in one.get("Metrics", [{}]) if "MetricStat" in part or not part]) or 1
    times = 3 if "ThresholdMetricId" in one else metrics
    yield f"{times} metrics", times * case.prices.of("alarm")


def _price_cluster(case: Case, _: Properties) -> Priced:
    if case.environment.monitoring.has_container_insights:
        count = case.prices.usage.insights_metrics
        yield f"Container Insights, {count} metrics", count * case.prices.of("metric")


def _flat(
    price: str, what: str, usage: Callable[[Prices], float] = lambda _: 1.0
) -> Callable[[Case, Properties], Priced]:
    def cost(case: Case, _: Properties) -> Priced:
        yield what, usage(case.prices) * case.prices.of(price)

    return cost


_PRICED: Final[dict[str, Callable[[Case, Properties], Priced]]] = {
    "AWS::ECS::Service": _price_service,
    "AWS::ECS::Cluster": _price_cluster,
    "AWS::Scheduler::Schedule": _price_schedule,
    "AWS::RDS::DBInstance": _price_database,
    "AWS::ElastiCache::ReplicationGroup": _price_cache,
    "AWS::ElasticLoadBalancingV2::LoadBalancer": _price_balancer,
    "AWS::EC2::NatGateway": _price_nat,
    "AWS::EC2::VPCEndpoint": _price_endpoint,
    "AWS::WAFv2::WebACL": _price_firewall,
    "AWS::CloudWatch::Alarm": _price_alarm,
    "AWS::CloudWatch::Dashboard": _flat("dashboard", "a page"),
    "AWS::Logs::MetricFilter": _flat("metric", "a metric"),
    "AWS::Logs::LogGroup": _flat("log_gb", "what is written", lambda prices: prices.usage.log_gb),
    "AWS::S3::Bucket": _flat("s3_gb", "what is kept", lambda prices: prices.usage.lake_gb),
    "AWS::ECR::Repository": _flat("registry_gb", "images", lambda prices: prices.usage.registry_gb),
    "AWS::KMS::Key": _flat("key", "a key"),
    "AWS::SecretsManager::Secret": _flat("secret", "a secret"),
    "AWS::ServiceDiscovery::PrivateDnsNamespace": _flat("zone", "a private zone"),
    "AWS::Config::ConfigRule": _flat(
        "config_evaluation", "evaluations", lambda prices: prices.usage.config_evaluations
    ),
}


def price_flags(environment: Environment, prices: Prices) -> Iterator[tuple[str, float]]:
    """What it would add to switch on what is off, each by itself, in US dollars a month."""
    zones = environment.network.zones
    if not environment.cache.is_on:
        yield (
            f"the cache ({environment.cache.instance})",
            prices.a_month(environment.cache.instance) + prices.of("secret"),
        )
    if not environment.network.nat_gateways:
        yield "one NAT gateway", prices.a_month("nat_hour") + prices.a_month("public_ipv4_hour")
    if not environment.network.interface_endpoints:
        yield f"four interface endpoints in {zones} zones", 4 * zones * prices.a_month("endpoint_zone_hour")
    if not environment.database.is_multi_az:
        instance, storage = f"db.{environment.database.instance}", environment.database.storage_gb
        yield "the database in a second zone", prices.a_month(instance) + storage * prices.of("database_gb")
    if not environment.edge.has_firewall:
        yield "the firewall", prices.of("firewall") + 4 * prices.of("firewall_rule")
    if not environment.monitoring.has_alarms:
        yield "the alarms (about 30)", 30 * prices.of("alarm")
    if not environment.monitoring.has_container_insights:
        yield "Container Insights", prices.usage.insights_metrics * prices.of("metric")
