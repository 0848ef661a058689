"""How many tasks a service has: by load, and by the hour where nobody works at night."""

from aws_cdk import Duration
from aws_cdk import aws_applicationautoscaling as scaling
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ecs as ecs

from hctap_infra.edge.balancer import Targets
from hctap_infra.environment_parts import Etl, Service

CALM = Duration.minutes(5)
BRISK = Duration.minutes(1)
# UTC; the hours in which a resting environment sleeps.
EVENING, MORNING = "1", "11"


def scale_service(service: ecs.FargateService, size: Service, targets: Targets) -> None:
    """Follow CPU, memory and requests a target, whichever wants most; at night rest, where that is wanted."""
    count = service.auto_scale_task_count(min_capacity=size.least, max_capacity=size.most)
    calm = {"scale_in_cooldown": CALM, "scale_out_cooldown": BRISK}
    count.scale_on_cpu_utilization("Cpu", target_utilization_percent=size.cpu_percent, **calm)
    count.scale_on_memory_utilization("Memory", target_utilization_percent=size.memory_percent, **calm)
    if targets.then is None:
        # Counted for one target group; with blue/green the requests are now at one, now at the other.
        count.scale_on_request_count(
            "Requests", requests_per_target=size.requests_a_target, target_group=targets.now, **calm
        )
    if size.night_least is not None:
        count.scale_on_schedule(
            "Evening",
            schedule=scaling.Schedule.cron(hour=EVENING, minute="0"),
            min_capacity=size.night_least,
            max_capacity=size.night_least,
        )
        count.scale_on_schedule(
            "Morning",
            schedule=scaling.Schedule.cron(hour=MORNING, minute="0"),
            min_capacity=size.least,
            max_capacity=size.most,
        )


def scale_worker(service: ecs.FargateService, etl: Etl, depth: cloudwatch.Metric) -> None:
    """As many workers as the queue has shards for, none while it is empty."""
    count = service.auto_scale_task_count(min_capacity=0, max_capacity=etl.workers_most)
    most = etl.workers_most
    steps = [scaling.ScalingInterval(upper=0, change=0)]
    steps += [scaling.ScalingInterval(lower=1, upper=etl.shards_a_worker, change=1)]
    steps += [
        scaling.ScalingInterval(lower=etl.shards_a_worker, upper=most * etl.shards_a_worker, change=(most + 1) // 2)
    ]
    steps += [scaling.ScalingInterval(lower=most * etl.shards_a_worker, change=most)]
    count.scale_on_metric(
        "Depth",
        metric=depth,
        scaling_steps=steps,
        adjustment_type=scaling.AdjustmentType.EXACT_CAPACITY,
        cooldown=CALM,
        evaluation_periods=1,
    )
