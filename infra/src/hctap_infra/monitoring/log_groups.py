"""The log groups of the programs: encrypted, and kept as long as the environment says."""

from collections.abc import Mapping

from aws_cdk import RemovalPolicy
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from hctap_infra.environments import Environment
from hctap_infra.monitoring.retention import retention_of

PROGRAMS = ("api", "dashboard", "etl", "sessions")


def make_log_groups(scope: Construct, environment: Environment, key: kms.Key) -> Mapping[str, logs.LogGroup]:
    """The groups by program; `sessions` holds what people did in containers."""
    return {
        program: logs.LogGroup(
            scope,
            f"{program.title()}Logs",
            log_group_name=f"/ecs/{environment.project}-{environment.name}/{program}",
            encryption_key=key,
            retention=retention_of(environment.monitoring.log_days),
            removal_policy=RemovalPolicy.RETAIN if environment.is_protected else RemovalPolicy.DESTROY,
        )
        for program in PROGRAMS
    }
