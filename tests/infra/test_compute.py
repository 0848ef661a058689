from typing import Any

from tests.infra.assemblies import Assembly


def _containers(assembly: Assembly) -> dict[str, dict[str, Any]]:
    return {
        task.properties["Family"].removeprefix(f"hc-tap-{assembly.environment.name}-"): task.properties
        for task in assembly.resources("AWS::ECS::TaskDefinition")
    }


def test_tasks_have_the_sizes_of_their_environment(assembly: Assembly) -> None:
    environment = assembly.environment
    sizes = {name: (int(task["Cpu"]), int(task["Memory"])) for name, task in _containers(assembly).items()}

    assert sizes == {
        "api": (environment.api.cpu, environment.api.memory),
        "dashboard": (environment.dashboard.cpu, environment.dashboard.memory),
        "etl": (environment.etl.cpu, environment.etl.memory),
        "worker": (environment.etl.cpu, environment.etl.memory),
    }


def test_containers_cannot_write_their_system_and_have_no_capabilities(assembly: Assembly) -> None:
    for task in _containers(assembly).values():
        (container,) = task["ContainerDefinitions"]
        assert container["ReadonlyRootFilesystem"] is True
        assert container["LinuxParameters"]["Capabilities"]["Drop"] == ["ALL"]
        assert container["LinuxParameters"]["InitProcessEnabled"] is True
        assert [mount["ContainerPath"] for mount in container["MountPoints"]] == ["/tmp"]  # noqa: S108 - in a container
        assert container["LogConfiguration"]["LogDriver"] == "awslogs"
        assert task["RuntimePlatform"] == {"CpuArchitecture": "X86_64", "OperatingSystemFamily": "LINUX"}


def test_images_are_ours_and_of_the_given_tag(assembly: Assembly) -> None:
    for task in _containers(assembly).values():
        (container,) = task["ContainerDefinitions"]
        assert ":0123456789ab" in str(container["Image"])
        assert "Images" in str(container["Image"])


def test_passwords_come_as_secrets_alone(assembly: Assembly) -> None:
    for name, task in _containers(assembly).items():
        (container,) = task["ContainerDefinitions"]
        secrets = {secret["Name"] for secret in container.get("Secrets", [])}
        plain = {variable["Name"] for variable in container["Environment"]}
        wanted = {"PGPASSWORD"} if name != "dashboard" else set()
        assert secrets == wanted | (
            {"HCTAP_REDIS_PASSWORD"} if name == "api" and assembly.environment.cache.is_on else set()
        )
        assert not {one for one in plain if "PASSWORD" in one or "SECRET" in one or "TOKEN" in one or "KEY" in one}


def test_services_roll_back_by_themselves(assembly: Assembly) -> None:
    services = list(assembly.resources("AWS::ECS::Service"))

    assert len(services) == 3
    for service in services:
        configuration = service.properties["DeploymentConfiguration"]
        assert configuration["DeploymentCircuitBreaker"] == {"Enable": True, "Rollback": True}
        assert service.properties["PropagateTags"] == "SERVICE"
        assert service.properties.get("EnableExecuteCommand", False) is assembly.environment.network.execute_command


def test_the_balancers_services_never_have_fewer_tasks_while_they_roll(assembly: Assembly) -> None:
    for service in assembly.resources("AWS::ECS::Service"):
        least = service.properties["DeploymentConfiguration"]["MinimumHealthyPercent"]
        assert least == (0 if "Worker" in service.name else 100)


def test_workers_are_on_spot_and_none_without_work(assembly: Assembly) -> None:
    worker = assembly.one("AWS::ECS::Service", "Worker").properties
    target = assembly.one("AWS::ApplicationAutoScaling::ScalableTarget", "Worker").properties

    assert [one["CapacityProvider"] for one in worker["CapacityProviderStrategy"]] == ["FARGATE_SPOT"]
    assert worker["DesiredCount"] == 0
    assert (target["MinCapacity"], target["MaxCapacity"]) == (0, assembly.environment.etl.workers_most)
    alarms = [one for one in assembly.resources("AWS::CloudWatch::Alarm") if "Worker" in one.name]
    assert {one.properties["MetricName"] for one in alarms} == {"queue_depth"}


def test_services_scale_by_cpu_memory_requests_and_hour(assembly: Assembly) -> None:
    for name, size in (("Api", assembly.environment.api), ("Dashboard", assembly.environment.dashboard)):
        target = assembly.one("AWS::ApplicationAutoScaling::ScalableTarget", f"Programs{name}").properties
        policies = {
            one.properties["TargetTrackingScalingPolicyConfiguration"]["PredefinedMetricSpecification"][
                "PredefinedMetricType"
            ]: one.properties["TargetTrackingScalingPolicyConfiguration"]["TargetValue"]
            for one in assembly.resources("AWS::ApplicationAutoScaling::ScalingPolicy")
            if f"Programs{name}" in one.name
        }
        assert (target["MinCapacity"], target["MaxCapacity"]) == (size.least, size.most)
        assert policies == {
            "ECSServiceAverageCPUUtilization": 70,
            "ECSServiceAverageMemoryUtilization": 70,
            "ALBRequestCountPerTarget": 1000,
        }
        assert bool(target.get("ScheduledActions")) is (size.night_least is not None)


def test_the_job_runs_by_itself_on_spot(assembly: Assembly) -> None:
    schedule = assembly.one("AWS::Scheduler::Schedule").properties

    assert schedule["ScheduleExpression"] == assembly.environment.etl.schedule
    (provider,) = schedule["Target"]["EcsParameters"]["CapacityProviderStrategy"]
    assert provider["CapacityProvider"] == "FARGATE_SPOT"


def test_the_dashboard_finds_the_api_by_an_internal_name(assembly: Assembly) -> None:
    name = assembly.environment.name
    (container,) = _containers(assembly)["dashboard"]["ContainerDefinitions"]
    environment = {variable["Name"]: variable["Value"] for variable in container["Environment"]}

    assert environment["HCTAP_API_URL"] == f"http://api.hc-tap-{name}-internal:8000"
    assert assembly.one("AWS::ServiceDiscovery::PrivateDnsNamespace").properties["Name"] == f"hc-tap-{name}-internal"
    assert assembly.one("AWS::ServiceDiscovery::Service").properties["Name"] == "api"
