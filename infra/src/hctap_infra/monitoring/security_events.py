"""What the trail's log must never say without somebody hearing it."""

from collections.abc import Iterator

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_logs as logs
from constructs import Construct

from hctap_infra.environments import Environment
from hctap_infra.monitoring.alarms import Threshold
from hctap_infra.monitoring.metrics import namespace

# As the CIS AWS Foundations Benchmark filters them.
EVENTS = {
    "root-used": (0, '{ $.userIdentity.type = "Root" && $.eventType != "AwsServiceEvent" }'),
    "console-logins-failed": (5, '{ $.eventName = "ConsoleLogin" && $.errorMessage = "Failed authentication" }'),
    "access-denied": (20, '{ $.errorCode = "*UnauthorizedOperation" || $.errorCode = "AccessDenied*" }'),
    "rights-changed": (
        0,
        (
            '{ $.eventName = "AttachUserPolicy" || $.eventName = "PutUserPolicy" || $.eventName = "CreateAccessKey" '
            '|| $.eventName = "DeleteRolePermissionsBoundary" }'
        ),
    ),
    "trail-changed": (
        0,
        '{ $.eventName = "StopLogging" || $.eventName = "DeleteTrail" || $.eventName = "UpdateTrail" }',
    ),
}


def watch_account(scope: Construct, environment: Environment, trail_log: logs.ILogGroup) -> Iterator[Threshold]:
    """A threshold for each kind of event, more than so many within 5 minutes."""
    for name, (limit, pattern) in EVENTS.items():
        metric = name.replace("-", "_")
        logs.MetricFilter(
            scope,
            f"{metric}Filter",
            log_group=trail_log,
            filter_pattern=logs.FilterPattern.literal(pattern),
            metric_namespace=namespace(environment),
            metric_name=metric,
            metric_value="1",
        )
        counted = cloudwatch.Metric(
            namespace=namespace(environment), metric_name=metric, statistic="Sum", period=Duration.minutes(5)
        )
        yield Threshold(name, counted, limit, minutes=1)
