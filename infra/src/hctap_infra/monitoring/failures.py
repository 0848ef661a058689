"""A batch job or worker that ends badly: told at once, and counted."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sns as sns
from constructs import Construct

from hctap_infra.environments import Environment
from hctap_infra.monitoring.alarms import Threshold


def tell_failures(scope: Construct, environment: Environment, cluster: ecs.Cluster, topic: sns.Topic) -> Threshold:
    """Write to the topic when a task of the job ends with another exit code than 0; says what to watch."""
    rule = events.Rule(
        scope,
        "EtlFailed",
        rule_name=environment.name_of("etl-failed"),
        event_pattern=events.EventPattern(
            source=["aws.ecs"],
            detail_type=["ECS Task State Change"],
            detail={
                "clusterArn": [cluster.cluster_arn],
                "lastStatus": ["STOPPED"],
                "containers": {"name": ["etl"], "exitCode": [{"anything-but": 0}]},
            },
        ),
        targets=[
            targets.SnsTopic(
                topic,
                message=events.RuleTargetInput.from_text(
                    f"{environment.name_of('etl')} ended with exit code "
                    f"{events.EventField.from_path('$.detail.containers[0].exitCode')}: "
                    f"{events.EventField.from_path('$.detail.stoppedReason')}. See docs/runbooks/troubleshooting.md."
                ),
            )
        ],
    )
    matched = cloudwatch.Metric(
        namespace="AWS/Events",
        metric_name="MatchedEvents",
        statistic="Sum",
        period=Duration.minutes(5),
        dimensions_map={"RuleName": rule.rule_name},
    )
    return Threshold("etl-failed", matched, 0, minutes=1)
