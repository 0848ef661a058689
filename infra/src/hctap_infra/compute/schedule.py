"""When the batch job runs by itself."""

from aws_cdk import Aws
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

from hctap_infra.compute.cluster import SPOT, task_subnets
from hctap_infra.environments import Environment


def make_schedule(
    scope: Construct,
    environment: Environment,
    cluster: ecs.Cluster,
    task: ecs.FargateTaskDefinition,
    group: ec2.SecurityGroup,
) -> scheduler.CfnSchedule:
    """The schedule that starts the job as a task on Spot; an interrupted run is completed by the next one."""
    subnets = cluster.vpc.select_subnets(subnet_group_name=task_subnets(environment).subnet_group_name)
    return scheduler.CfnSchedule(
        scope,
        "Schedule",
        name=environment.name_of("etl"),
        schedule_expression=environment.etl.schedule,
        flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
        target=scheduler.CfnSchedule.TargetProperty(
            arn=cluster.cluster_arn,
            role_arn=_make_role(scope, cluster, task).role_arn,
            retry_policy=scheduler.CfnSchedule.RetryPolicyProperty(
                maximum_retry_attempts=3, maximum_event_age_in_seconds=1800
            ),
            ecs_parameters=scheduler.CfnSchedule.EcsParametersProperty(
                task_definition_arn=task.task_definition_arn,
                capacity_provider_strategy=[
                    scheduler.CfnSchedule.CapacityProviderStrategyItemProperty(capacity_provider=SPOT, weight=1)
                ],
                network_configuration=scheduler.CfnSchedule.NetworkConfigurationProperty(
                    awsvpc_configuration=scheduler.CfnSchedule.AwsVpcConfigurationProperty(
                        subnets=subnets.subnet_ids,
                        security_groups=[group.security_group_id],
                        assign_public_ip="ENABLED" if environment.network.has_public_tasks else "DISABLED",
                    )
                ),
                enable_ecs_managed_tags=True,
                propagate_tags="TASK_DEFINITION",
                task_count=1,
            ),
        ),
    )


def _make_role(scope: Construct, cluster: ecs.Cluster, task: ecs.FargateTaskDefinition) -> iam.Role:
    role = iam.Role(
        scope,
        "ScheduleRole",
        assumed_by=iam.ServicePrincipal(
            "scheduler.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}}
        ),
    )
    iam.ManagedPolicy(
        scope,
        "SchedulePolicy",
        roles=[role],
        statements=[
            iam.PolicyStatement(
                actions=["ecs:RunTask", "ecs:TagResource"],
                resources=[task.task_definition_arn],
                conditions={"ArnEquals": {"ecs:cluster": cluster.cluster_arn}},
            ),
            iam.PolicyStatement(
                actions=["iam:PassRole"],
                resources=[task.execution_role.role_arn, task.task_role.role_arn],
                conditions={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
            ),
        ],
    )
    return role
