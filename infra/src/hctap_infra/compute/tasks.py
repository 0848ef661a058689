"""A program as a task definition of Fargate: size, image, settings, secrets, logs, health."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from aws_cdk import Duration
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_logs as logs
from constructs import Construct

from hctap_infra.compute.programs import SCRATCH, Program
from hctap_infra.compute.roles import Roles


@dataclass(frozen=True, slots=True)
class TaskParts:
    """What a task definition is made of, beside its program."""

    family: str
    cpu: int
    memory: int
    image: ecs.ContainerImage
    roles: Roles
    log_group: logs.LogGroup
    settings: Mapping[str, str]
    secrets: Mapping[str, ecs.Secret] = field(default_factory=dict)


def make_task(scope: Construct, program: Program, parts: TaskParts) -> ecs.FargateTaskDefinition:
    """The task definition with its one container, which is named like its image."""
    task = ecs.FargateTaskDefinition(
        scope,
        "Definition",
        family=parts.family,
        cpu=parts.cpu,
        memory_limit_mib=parts.memory,
        execution_role=parts.roles.execution,
        task_role=parts.roles.task,
        runtime_platform=ecs.RuntimePlatform(
            cpu_architecture=ecs.CpuArchitecture.X86_64, operating_system_family=ecs.OperatingSystemFamily.LINUX
        ),
        volumes=[ecs.Volume(name="scratch")],
    )
    container = task.add_container(
        program.image,
        container_name=program.image,
        image=parts.image,
        essential=True,
        command=list(program.command) if program.command else None,
        environment=dict(parts.settings),
        secrets=dict(parts.secrets),
        logging=ecs.LogDrivers.aws_logs(stream_prefix=program.image, log_group=parts.log_group),
        stop_timeout=Duration.seconds(program.stop_seconds),
        readonly_root_filesystem=True,
        linux_parameters=_make_parameters(task),
        health_check=_make_health_check(program),
    )
    container.add_mount_points(ecs.MountPoint(container_path=SCRATCH, source_volume="scratch", read_only=False))
    if program.port and program.is_reachable:
        container.add_port_mappings(ecs.PortMapping(container_port=program.port, name=program.image))
    return task


def _make_parameters(task: ecs.FargateTaskDefinition) -> ecs.LinuxParameters:
    parameters = ecs.LinuxParameters(task, "Linux", init_process_enabled=True)
    parameters.drop_capabilities(ecs.Capability.ALL)
    return parameters


def _make_health_check(program: Program) -> ecs.HealthCheck | None:
    if not program.port:
        return None
    # Python is what surely is in the image; curl is not.
    ask = (
        "import sys, urllib.request as ask; "
        f"sys.exit(ask.urlopen('http://127.0.0.1:{program.port}{program.health_path}', timeout=4).status != 200)"
    )
    return ecs.HealthCheck(
        command=["CMD", "python", "-c", ask],
        interval=Duration.seconds(15),
        timeout=Duration.seconds(5),
        retries=3,
        start_period=Duration.seconds(30),
    )
