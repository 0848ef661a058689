"""The product's own figures as metrics, read from its logs."""

from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_logs as logs
from constructs import Construct

from hctap_infra.environments import Environment
from hctap_infra.monitoring.vitals import VITALS, VITALS_EVENT

REFUSED_EVENT: Final = "request_refused"


def namespace(environment: Environment) -> str:
    """Where the metrics of an environment are."""
    return f"hc-tap/{environment.name}"


def vital(environment: Environment, name: str) -> cloudwatch.Metric:
    """One of the product's own figures; all API tasks say the same, so their maximum is it."""
    return cloudwatch.Metric(
        namespace=namespace(environment), metric_name=name, statistic="Maximum", period=Duration.minutes(1)
    )


def read_metrics(scope: Construct, environment: Environment, api_log: logs.LogGroup) -> None:
    """Have CloudWatch read the figures out of the API's log."""
    event = logs.FilterPattern.string_value("$.event", "=", VITALS_EVENT)
    for name in VITALS:
        logs.MetricFilter(
            scope,
            name.title().replace("_", ""),
            log_group=api_log,
            filter_pattern=logs.FilterPattern.all(event, logs.FilterPattern.exists(f"$.{name}")),
            metric_namespace=namespace(environment),
            metric_name=name,
            metric_value=f"$.{name}",
        )
    logs.MetricFilter(
        scope,
        "Refused",
        log_group=api_log,
        filter_pattern=logs.FilterPattern.all(
            logs.FilterPattern.string_value("$.event", "=", REFUSED_EVENT),
            logs.FilterPattern.number_value("$.status", "=", 401),
        ),
        metric_namespace=namespace(environment),
        metric_name="logins_failed",
        metric_value="1",
    )
