"""The services, their way in, the workers and the schedule: deployed after the migrations ran."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from aws_cdk import Stack
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as elb
from aws_cdk import aws_iam as iam
from constructs import Construct

from hctap_infra.compute.programs import (
    API,
    API_CREATES,
    DASHBOARD,
    WORKER,
    api_settings,
    dashboard_settings,
    worker_settings,
)
from hctap_infra.compute.roles import Access, Needs, make_roles
from hctap_infra.compute.scaling import scale_service
from hctap_infra.compute.schedule import make_schedule
from hctap_infra.compute.services import ServiceParts, internal_host, make_service
from hctap_infra.compute.sign_in import find_sign_in
from hctap_infra.compute.tasks import TaskParts, make_task
from hctap_infra.compute.worker import make_worker
from hctap_infra.data.buckets import bucket_arn
from hctap_infra.edge.balancer import Balancer, make_balancer
from hctap_infra.edge.certificate import find_zone, make_certificate
from hctap_infra.edge.distribution import make_distribution
from hctap_infra.edge.firewall import make_firewall
from hctap_infra.edge.names import make_record
from hctap_infra.edge.routes import make_routes
from hctap_infra.environments import Environment
from hctap_infra.monitoring.metrics import vital
from hctap_infra.network.ports import API_PORT
from hctap_infra.outputs import say
from hctap_infra.stacks.foundation import Foundation
from hctap_infra.stacks.jobs import (
    Jobs,
    addresses,
    database_secret,
    job_parts,
    make_job_roles,
    secret_for,
)
from hctap_infra.stacks.stack import make_stack


@dataclass(frozen=True, slots=True)
class Services:
    """What is watched."""

    stack: Stack
    balancer: Balancer
    api: ecs.FargateService
    dashboard: ecs.FargateService
    worker: ecs.FargateService


def make_services(app: Construct, environment: Environment, base: Foundation, jobs: Jobs, tag: str) -> Services:
    """The stack `services`, with the images of a tag."""
    stack = make_stack(app, environment, "services")
    iam.PermissionsBoundary.of(stack).apply(base.boundary)
    way_in = _make_way_in(stack, environment, base)
    programs = Construct(stack, "Programs")
    api = _make_api(Construct(programs, "Api"), environment, base, jobs, way_in, tag)
    dashboard = _make_dashboard(Construct(programs, "Dashboard"), environment, base, jobs, way_in, tag)
    worker = _make_worker(Construct(programs, "Worker"), environment, base, jobs, tag)
    make_schedule(stack, environment, jobs.cluster, jobs.task, base.groups.etl)
    say(stack, environment, "ApiService", api.service_name)
    say(stack, environment, "DashboardService", dashboard.service_name)
    say(stack, environment, "WorkerService", worker.service_name)
    return Services(stack, way_in.balancer, api, dashboard, worker)


@dataclass(frozen=True, slots=True)
class _WayIn:
    balancer: Balancer
    rules: Mapping[str, elb.ApplicationListenerRule]


def _make_way_in(stack: Stack, environment: Environment, base: Foundation) -> _WayIn:
    edge = environment.edge
    zone = find_zone(stack, environment)
    certificate = make_certificate(stack, environment, zone)
    made = make_balancer(
        stack,
        environment,
        vpc=base.vpc,
        group=base.groups.balancer,
        logs=base.buckets.logs,
        certificate=certificate,
    )
    rules = make_routes(made, environment)
    if edge.has_firewall:
        make_firewall(stack, environment, made.balancer, base.keys.operations)
    front = make_distribution(stack, environment, certificate, made.balancer) if edge.has_distribution else None
    if zone and edge.domain:
        make_record(stack, zone, edge.domain, made.balancer, front)
    name = edge.domain or made.balancer.load_balancer_dns_name
    say(stack, environment, "Url", f"{'https' if edge.domain else 'http'}://{name}")
    for service, targets in made.targets.items():
        arns = (group.target_group_arn for group in targets.groups)
        say(stack, environment, f"{service.title()}Targets", ",".join(arns))
    return _WayIn(made, rules)


def _make_api(
    scope: Construct, environment: Environment, base: Foundation, jobs: Jobs, way_in: _WayIn, tag: str
) -> ecs.FargateService:
    size = environment.api
    secrets = (base.secrets.database, *((base.secrets.cache_token,) if base.secrets.cache_token else ()))
    roles = make_roles(
        scope,
        environment,
        "api",
        Needs(base.registries["api"], base.logs["api"], secrets, base.keys.secrets),
        Access(
            reads=(bucket_arn(environment, "raw"), bucket_arn(environment, "enriched")),
            creates=tuple(f"{bucket_arn(environment, 'raw')}/{prefix}*" for prefix in API_CREATES),
            notes_key=base.keys.notes,
            execute_command=environment.network.execute_command,
        ),
    )
    token = base.secrets.cache_token
    cache = {"HCTAP_REDIS_PASSWORD": secret_for(scope, "CacheToken", token, "password")} if token else {}
    task = make_task(
        scope,
        API,
        TaskParts(
            family=environment.name_of("api"),
            cpu=size.cpu,
            memory=size.memory,
            image=ecs.ContainerImage.from_ecr_repository(base.registries["api"], tag),
            roles=roles,
            log_group=base.logs["api"],
            settings=api_settings(environment, addresses(base)),
            secrets={**database_secret(scope, base), **cache},
        ),
    )
    parts = ServiceParts(
        "api", jobs.cluster, task, base.groups.api, way_in.balancer, way_in.rules["api"], has_internal_name=True
    )
    service = make_service(scope, environment, size, parts)
    scale_service(service, size, way_in.balancer.targets["api"])
    return service


def _make_dashboard(
    scope: Construct, environment: Environment, base: Foundation, jobs: Jobs, way_in: _WayIn, tag: str
) -> ecs.FargateService:
    size = environment.dashboard
    sign_in = find_sign_in(scope, environment)
    roles = make_roles(
        scope,
        environment,
        "dashboard",
        Needs(base.registries["dashboard"], base.logs["dashboard"], sign_in.secrets, sign_in.key),
        Access(execute_command=environment.network.execute_command),
    )
    api_url = f"http://{internal_host(environment, 'api')}:{API_PORT}"
    task = make_task(
        scope,
        DASHBOARD,
        TaskParts(
            family=environment.name_of("dashboard"),
            cpu=size.cpu,
            memory=size.memory,
            image=ecs.ContainerImage.from_ecr_repository(base.registries["dashboard"], tag),
            roles=roles,
            log_group=base.logs["dashboard"],
            settings=dashboard_settings(environment, addresses(base, api_url)),
            secrets=sign_in.settings,
        ),
    )
    parts = ServiceParts(
        "dashboard", jobs.cluster, task, base.groups.dashboard, way_in.balancer, way_in.rules["dashboard"]
    )
    service = make_service(scope, environment, size, parts)
    scale_service(service, size, way_in.balancer.targets["dashboard"])
    return service


def _make_worker(
    scope: Construct, environment: Environment, base: Foundation, jobs: Jobs, tag: str
) -> ecs.FargateService:
    """The job's image with rights of its own, which are the job's."""
    roles = make_job_roles(scope, environment, base, "worker")
    parts = replace(
        job_parts(scope, environment, base, roles, tag), settings=worker_settings(environment, addresses(base))
    )
    task = make_task(scope, WORKER, parts)
    return make_worker(scope, environment, jobs.cluster, task, base.groups.etl, vital(environment, "queue_depth"))
