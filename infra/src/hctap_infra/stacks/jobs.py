"""The cluster and the batch job's task, of which migrations are a run: deployed before the services change."""

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import Stack
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from hctap_infra.compute.cluster import make_cluster, task_subnets
from hctap_infra.compute.programs import ETL, Addresses, etl_settings
from hctap_infra.compute.roles import Access, Needs, Roles, make_roles
from hctap_infra.compute.tasks import TaskParts, make_task
from hctap_infra.data.buckets import bucket_arn
from hctap_infra.environments import Environment
from hctap_infra.outputs import say
from hctap_infra.stacks.foundation import Foundation
from hctap_infra.stacks.stack import make_stack


@dataclass(frozen=True, slots=True)
class Jobs:
    """The cluster, and what the job's tasks are made of."""

    stack: Stack
    cluster: ecs.Cluster
    roles: Roles
    task: ecs.FargateTaskDefinition


def make_jobs(app: Construct, environment: Environment, base: Foundation, tag: str) -> Jobs:
    """The stack `jobs`, with the images of a tag."""
    stack = make_stack(app, environment, "jobs")
    iam.PermissionsBoundary.of(stack).apply(base.boundary)
    cluster = make_cluster(stack, environment, base.vpc, base.keys.operations, base.logs["sessions"])
    scope = Construct(stack, "Etl")
    roles = make_job_roles(scope, environment, base, "etl")
    task = make_task(scope, ETL, job_parts(scope, environment, base, roles, tag))
    subnets = base.vpc.select_subnets(subnet_group_name=task_subnets(environment).subnet_group_name)
    say(stack, environment, "Cluster", cluster.cluster_name)
    say(stack, environment, "EtlFamily", environment.name_of("etl"))
    say(stack, environment, "EtlTask", task.task_definition_arn)
    say(stack, environment, "TaskSubnets", ",".join(subnets.subnet_ids))
    say(stack, environment, "TaskSecurityGroup", base.groups.etl.security_group_id)
    say(stack, environment, "TaskPublicIp", "ENABLED" if environment.network.has_public_tasks else "DISABLED")
    return Jobs(stack, cluster, roles, task)


def make_job_roles(scope: Construct, environment: Environment, base: Foundation, program: str) -> Roles:
    """Roles for what reads notes and writes entities."""
    lake = (bucket_arn(environment, "raw"), bucket_arn(environment, "enriched"))
    return make_roles(
        scope,
        environment,
        program,
        Needs(base.registries["etl"], base.logs["etl"], (base.secrets.database,), base.keys.secrets),
        Access(lake, lake, base.keys.notes, execute_command=environment.network.execute_command),
    )


def job_parts(scope: Construct, environment: Environment, base: Foundation, roles: Roles, tag: str) -> TaskParts:
    """What a task of the image `etl` is made of; its family is named after the scope."""
    return TaskParts(
        family=environment.name_of(scope.node.id.lower()),
        cpu=environment.etl.cpu,
        memory=environment.etl.memory,
        image=ecs.ContainerImage.from_ecr_repository(base.registries["etl"], tag),
        roles=roles,
        log_group=base.logs["etl"],
        settings=etl_settings(environment, addresses(base)),
        secrets=database_secret(scope, base),
    )


def addresses(base: Foundation, api_url: str = "") -> Addresses:
    """Where the stores are."""
    return Addresses(
        base.database.db_instance_endpoint_address,
        base.buckets.raw.bucket_name,
        base.buckets.enriched.bucket_name,
        api_url,
        base.cache.attr_primary_end_point_address if base.cache else None,
    )


def secret_for(scope: Construct, name: str, secret: secretsmanager.Secret, key: str | None = None) -> ecs.Secret:
    """A secret as a task gets it; imported, because CDK would write the role into the policy of the secret's key."""
    imported = secretsmanager.Secret.from_secret_complete_arn(scope, name, secret.secret_arn)
    return ecs.Secret.from_secrets_manager(imported, key)


def database_secret(scope: Construct, base: Foundation) -> Mapping[str, ecs.Secret]:
    """The database's password as libpq expects it."""
    return {"PGPASSWORD": secret_for(scope, "DatabasePassword", base.secrets.database, "password")}
