"""The page of CloudWatch on which the environment is seen at a glance."""

from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as elb
from aws_cdk import aws_rds as rds
from constructs import Construct

from hctap_infra.environments import Environment
from hctap_infra.monitoring.metrics import vital

WIDTH = 12


@dataclass(frozen=True, slots=True)
class Watched:
    """What the page shows."""

    balancer: elb.ApplicationLoadBalancer
    services: dict[str, ecs.FargateService]
    database: rds.DatabaseInstance


def make_dashboard(scope: Construct, environment: Environment, watched: Watched) -> cloudwatch.Dashboard:
    """Four rows: API, work, machines and data, cost."""
    page = cloudwatch.Dashboard(scope, "Dashboard", dashboard_name=environment.name_of("overview"))
    metrics, services = watched.balancer.metrics, watched.services
    errors = metrics.http_code_target(elb.HttpCodeTarget.TARGET_5XX_COUNT, statistic="Sum")
    page.add_widgets(
        _graph("Requests and errors", metrics.request_count(statistic="Sum"), errors),
        _graph("Latency, s", *(metrics.target_response_time(statistic=one) for one in ("p50", "p95", "p99"))),
    )
    page.add_widgets(
        _graph("Freshness, minutes", vital(environment, "freshness_minutes"),
               limit=environment.monitoring.freshness_minutes),
        _graph("Queue and quarantine", *(vital(environment, one) for one in ("queue_depth", "quarantined"))),
    )  # fmt: skip
    page.add_widgets(
        _graph("CPU, %", *(one.metric_cpu_utilization() for one in (*services.values(), watched.database))),
        _graph("Memory, %", *(one.metric_memory_utilization() for one in services.values())),
    )
    page.add_widgets(
        _graph("Database connections", watched.database.metric_database_connections()),
        _graph("Estimated charges, $", _charges()),
    )
    return page


def _graph(title: str, *metrics: cloudwatch.IMetric, limit: float | None = None) -> cloudwatch.GraphWidget:
    lines = [cloudwatch.HorizontalAnnotation(value=limit, label="promised")] if limit else None
    return cloudwatch.GraphWidget(title=title, width=WIDTH, left=list(metrics), left_annotations=lines)


def _charges() -> cloudwatch.Metric:
    # AWS reports the account's charges in us-east-1 alone.
    return cloudwatch.Metric(
        namespace="AWS/Billing",
        metric_name="EstimatedCharges",
        statistic="Maximum",
        period=Duration.hours(6),
        region="us-east-1",
        dimensions_map={"Currency": "USD"},
    )
