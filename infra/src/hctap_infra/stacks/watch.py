"""What looks on: alarms and who hears them, the overview, the budget, the trail, the rules."""

from collections.abc import Iterator

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from constructs import Construct

from hctap_infra.environments import Environment
from hctap_infra.monitoring.alarms import Alarms, Threshold
from hctap_infra.monitoring.budget import make_budget
from hctap_infra.monitoring.dashboard import Watched, make_dashboard
from hctap_infra.monitoring.failures import tell_failures
from hctap_infra.monitoring.metrics import read_metrics
from hctap_infra.monitoring.security_events import watch_account
from hctap_infra.monitoring.thresholds import (
    watch_balancer,
    watch_cache,
    watch_database,
    watch_lake,
    watch_rotation,
    watch_services,
    watch_work,
)
from hctap_infra.monitoring.topic import make_topic
from hctap_infra.outputs import say
from hctap_infra.security.config_rules import make_config_rules
from hctap_infra.security.detector import make_detector
from hctap_infra.security.trail import make_trail
from hctap_infra.stacks.foundation import Foundation
from hctap_infra.stacks.jobs import Jobs
from hctap_infra.stacks.services import Services
from hctap_infra.stacks.stack import make_stack


def make_watch(app: Construct, environment: Environment, base: Foundation, jobs: Jobs, services: Services) -> Stack:
    """The stack `watch`."""
    stack = make_stack(app, environment, "watch")
    iam.PermissionsBoundary.of(stack).apply(base.boundary)
    topic = make_topic(stack, environment, base.keys.operations)
    make_budget(stack, environment, topic)
    read_metrics(stack, environment, base.logs["api"])
    trail_log = _guard(stack, environment, base)
    if environment.monitoring.has_alarms:
        alarms = Alarms(Construct(stack, "Alarms"), environment, topic)
        for threshold in _thresholds(environment, base, services):
            alarms.ring(threshold)
        alarms.ring(tell_failures(stack, environment, jobs.cluster, topic))
        alarms.ring_when_unusual("volume", services.balancer.balancer.metrics.request_count(statistic="Sum"))
        for threshold in watch_account(stack, environment, trail_log) if trail_log else ():
            alarms.ring(threshold)
    watched = Watched(services.balancer.balancer, {"api": services.api, "dashboard": services.dashboard}, base.database)
    make_dashboard(stack, environment, watched)
    _say_outputs(stack, environment, topic)
    return stack


def _guard(stack: Stack, environment: Environment, base: Foundation) -> logs.LogGroup | None:
    security = environment.security
    if security.has_config_rules:
        make_config_rules(stack, environment)
    if security.has_detector:
        make_detector(stack)
    return make_trail(stack, environment, base.buckets, base.keys.operations) if security.has_trail else None


def _thresholds(environment: Environment, base: Foundation, services: Services) -> Iterator[Threshold]:
    way_in = services.balancer
    yield from watch_services({"api": services.api, "dashboard": services.dashboard})
    yield from watch_balancer(way_in)
    yield from watch_database(environment, base.database)
    yield from watch_lake(environment, {"raw": base.buckets.raw, "enriched": base.buckets.enriched})
    yield from watch_work(environment)
    yield from watch_rotation(environment)
    if base.cache:
        yield from watch_cache(base.cache)


def _say_outputs(stack: Stack, environment: Environment, topic: sns.Topic) -> None:
    say(stack, environment, "AlarmTopic", topic.topic_arn)
    console = f"https://{environment.region}.console.aws.amazon.com/cloudwatch/home"
    say(stack, environment, "Overview", f"{console}#dashboards:name={environment.name_of('overview')}")
