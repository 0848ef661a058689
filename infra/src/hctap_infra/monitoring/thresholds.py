"""What is watched, and from when on somebody is called."""

from collections.abc import Iterator, Mapping

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticache as elasticache
from aws_cdk import aws_elasticloadbalancingv2 as elb
from aws_cdk import aws_rds as rds
from aws_cdk import aws_s3 as s3

from hctap_infra.edge.balancer import Balancer
from hctap_infra.environments import Environment
from hctap_infra.monitoring.alarms import GIB, MINUTE, Threshold, share
from hctap_infra.monitoring.metrics import namespace, vital

PERCENT = 80
DISK_FREE_SHARE = 0.15
DAY = Duration.days(1)


def watch_services(services: Mapping[str, ecs.FargateService]) -> Iterator[Threshold]:
    """CPU and memory above 80% for 5 minutes."""
    for name, service in services.items():
        yield Threshold(f"{name}-cpu", service.metric_cpu_utilization(period=MINUTE), PERCENT)
        yield Threshold(f"{name}-memory", service.metric_memory_utilization(period=MINUTE), PERCENT)


def watch_balancer(made: Balancer) -> Iterator[Threshold]:
    """Latency above 1 s, more than 5% errors for 2 minutes, more than 1% broken connections, targets that are ill."""
    balancer = made.balancer
    requests = balancer.metrics.request_count(period=MINUTE, statistic="Sum")
    server = elb.HttpCodeTarget.TARGET_5XX_COUNT
    errors = balancer.metrics.http_code_target(server, period=MINUTE, statistic="Sum")
    broken = balancer.metrics.target_connection_error_count(period=MINUTE, statistic="Sum")
    yield Threshold("latency", balancer.metrics.target_response_time(period=MINUTE, statistic="Average"), 1)
    yield Threshold("errors", share(errors, requests), 5, minutes=2)
    yield Threshold("network-errors", share(broken, requests), 1)
    for name, targets in made.targets.items():
        for group, part in zip(targets.groups, ("unhealthy", "next-unhealthy"), strict=False):
            ill = group.metrics.unhealthy_host_count(period=MINUTE, statistic="Maximum")
            yield Threshold(f"{name}-{part}", ill, 0, minutes=3)


def watch_database(environment: Environment, database: rds.DatabaseInstance) -> Iterator[Threshold]:
    """CPU, connections above 80% of what the instance takes, disk above 85%."""
    settings = environment.database
    free = DISK_FREE_SHARE * settings.storage_gb * GIB
    yield Threshold("database-cpu", database.metric_cpu_utilization(period=MINUTE), PERCENT)
    connections = database.metric_database_connections(period=MINUTE)
    yield Threshold("database-connections", connections, settings.connections * PERCENT / 100)
    yield Threshold("database-disk", database.metric_free_storage_space(period=MINUTE), free, below=True)


def watch_cache(group: elasticache.CfnReplicationGroup) -> Iterator[Threshold]:
    """The cache's CPU and memory above 80%."""
    for name, metric in (("cpu", "EngineCPUUtilization"), ("memory", "DatabaseMemoryUsagePercentage")):
        yield Threshold(
            f"cache-{name}",
            cloudwatch.Metric(
                namespace="AWS/ElastiCache",
                metric_name=metric,
                statistic="Maximum",
                period=MINUTE,
                dimensions_map={"ReplicationGroupId": group.ref},
            ),
            PERCENT,
        )


def watch_rotation(environment: Environment) -> Iterator[Threshold]:
    """A rotation of passwords that failed."""
    failed = cloudwatch.Metric(
        namespace="AWS/Lambda",
        metric_name="Errors",
        statistic="Sum",
        period=Duration.minutes(5),
        dimensions_map={"FunctionName": environment.name_of("rotation")},
    )
    yield Threshold("rotation-failed", failed, 0, minutes=1)


def watch_lake(environment: Environment, buckets: Mapping[str, s3.Bucket]) -> Iterator[Threshold]:
    """Buckets that grow beyond what was reckoned with; S3 says their size once a day."""
    for name, bucket in buckets.items():
        size = cloudwatch.Metric(
            namespace="AWS/S3",
            metric_name="BucketSizeBytes",
            statistic="Average",
            period=DAY,
            dimensions_map={"BucketName": bucket.bucket_name, "StorageType": "StandardStorage"},
        )
        yield Threshold(f"{name}-size", size, environment.monitoring.bucket_gb * GIB, minutes=1)


def watch_work(environment: Environment) -> Iterator[Threshold]:
    """Results older than promised, notes set aside, a queue that nobody works on, keys that do not fit."""
    monitoring = environment.monitoring
    yield Threshold(
        "freshness",
        vital(environment, "freshness_minutes"),
        monitoring.freshness_minutes,
        # No word for so long is as bad as old results.
        silence=cloudwatch.TreatMissingData.BREACHING,
    )
    yield Threshold("quarantine", vital(environment, "quarantined"), 0, minutes=1)
    yield Threshold("queue-age", vital(environment, "queue_age_s"), monitoring.queue_minutes * 60)
    failed = cloudwatch.Metric(
        namespace=namespace(environment), metric_name="logins_failed", statistic="Sum", period=Duration.minutes(5)
    )
    yield Threshold("logins-failed", failed, 50, minutes=1)
