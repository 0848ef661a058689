"""What boto3 sees after the deployment: the same questions that one would ask of a real account."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3

from hctap_core.buckets import BUCKETS
from hctap_infra.environments import Environment
from hctap_infra.rehearsal.emulator import Emulator

# Of raw and enriched, and of the log of who reads them.
COPIES = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked for, how it should be, and how it is."""

    what: str
    wanted: object
    found: object

    @property
    def ok(self) -> bool:
        """Whether it is as it should be."""
        return self.wanted == self.found


@dataclass(frozen=True, slots=True)
class Inspector:
    """Asks the emulator about one environment."""

    environment: Environment
    emulator: Emulator

    def client(self, service: str, region: str | None = None) -> Any:  # noqa: ANN401 - boto3's clients are made at run time
        """A client that speaks to the emulator."""
        environ = self.emulator.environ
        return boto3.client(  # type: ignore[call-overload]
            service,
            endpoint_url=self.emulator.url,
            region_name=region or self.environment.region,
            aws_access_key_id=environ["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=environ["AWS_SECRET_ACCESS_KEY"],
        )

    def inspect(self, tag: str) -> Iterator[Finding]:
        """Everything that was made, against what the environment says."""
        yield from self._compute(tag)
        yield from self._stores()
        yield from self._way_in()
        yield from self._said()

    def _compute(self, tag: str) -> Iterator[Finding]:
        ecs, name = self.client("ecs"), self.environment.name_of
        services = ("api", "dashboard", "worker")
        described = ecs.describe_services(cluster=name("cluster"), services=[name(one) for one in services])["services"]
        yield Finding("services", sorted(map(name, services)), sorted(one["serviceName"] for one in described))
        for service in described:
            task = ecs.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]
            image = task["containerDefinitions"][0]["image"]
            yield Finding(f"{service['serviceName']}: image's tag", tag, image.rpartition(":")[2])
        task = ecs.describe_task_definition(taskDefinition=name("api"))["taskDefinition"]
        names = {one["name"] for one in task["containerDefinitions"][0]["environment"]}
        wanted = {"HCTAP_DATABASE_URL", "HCTAP_RAW_BUCKET", "HCTAP_API_OPEN"}
        yield Finding("api: settings", wanted, wanted & names)
        repositories = self.client("ecr").describe_repositories()["repositories"]
        prefix = f"{self.environment.project}-{self.environment.name}/"
        ours = (one["repositoryName"] for one in repositories if not one["repositoryName"].startswith("cdk-"))
        yield Finding("repositories", [f"{prefix}{one}" for one in ("api", "dashboard", "etl")], sorted(ours))

    def _stores(self) -> Iterator[Finding]:
        environment = self.environment
        instances = self.client("rds").describe_db_instances()["DBInstances"]
        primary = next(one for one in instances if one["DBInstanceIdentifier"] == environment.name_of("database"))
        yield Finding("database: size", f"db.{environment.database.instance}", primary["DBInstanceClass"])
        yield Finding("database: engine", "postgres", primary["Engine"])
        yield Finding("databases", 1 + environment.database.replicas, len(instances))
        groups = self.client("elasticache").describe_replication_groups()["ReplicationGroups"]
        yield Finding("caches", int(environment.cache.is_on), len(groups))
        names = [one["Name"] for one in self.client("s3").list_buckets()["Buckets"]]
        copies = COPIES if environment.lake.replicate_to else 0
        yield Finding("buckets", len(BUCKETS) + copies, sum(name.startswith("hc-tap-") for name in names))
        secrets = self.client("secretsmanager").list_secrets()["SecretList"]
        yield Finding("secrets", 1 + environment.cache.is_on, len(secrets))

    def _said(self) -> Iterator[Finding]:
        """Outputs, and the parameters that say the same."""
        environment = self.environment
        outputs = {
            output["OutputKey"]: output["OutputValue"]
            for stack, region in self.stacks()
            for one in self.client("cloudformation", region).describe_stacks(StackName=stack)["Stacks"]
            for output in one.get("Outputs", ())
            if "ExportName" not in output
        }
        pages = self.client("ssm").get_paginator("get_parameters_by_path")
        path = f"/{environment.project}/{environment.name}/"
        parameters = {
            one["Name"].removeprefix(path): one["Value"]
            for page in pages.paginate(Path=path)
            for one in page["Parameters"]
        }
        yield Finding("parameters", outputs, parameters)

    def _way_in(self) -> Iterator[Finding]:
        elb = self.client("elbv2")
        (balancer,) = elb.describe_load_balancers()["LoadBalancers"]
        scheme = "internet-facing" if self.environment.edge.is_public else "internal"
        yield Finding("balancer: scheme", scheme, balancer["Scheme"])
        listeners = elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
        ports = [80, 443] if self.environment.edge.domain else [80]
        yield Finding("listeners", ports, sorted(one["Port"] for one in listeners))
        paths = {one["HealthCheckPath"] for one in elb.describe_target_groups()["TargetGroups"]}
        yield Finding("health checks", {"/health", "/app/_stcore/health"}, paths)
        alarms = self.client("cloudwatch").describe_alarms()["MetricAlarms"]
        latency = [one["Threshold"] for one in alarms if one["AlarmName"] == self.environment.name_of("latency")]
        yield Finding("alarm on latency", [1.0] if self.environment.monitoring.has_alarms else [], latency)

    @property
    def regions(self) -> tuple[str, ...]:
        """Where the environment has stacks."""
        other = self.environment.lake.replicate_to
        return (self.environment.region, *((other,) if other else ()))

    def stacks(self) -> list[tuple[str, str]]:
        """The stacks of the environment that there are, each with its region."""
        prefix = self.environment.name_of("")
        return [
            (one["StackName"], region)
            for region in self.regions
            for one in self.client("cloudformation", region).describe_stacks()["Stacks"]
            if one["StackName"].startswith(prefix)
        ]
