"""The parts of an environment, each checked by itself."""

from ipaddress import IPv4Network
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Part(BaseModel):
    """A part of an environment: unknown keys are mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Network(Part):
    """Addresses and ways out; without NAT and endpoints, tasks have public addresses and closed security groups."""

    cidr: IPv4Network
    zones: int = Field(ge=2, le=3)
    nat_gateways: int = Field(ge=0, le=3)
    interface_endpoints: tuple[str, ...]
    flow_logs: bool
    execute_command: bool

    @property
    def has_public_tasks(self) -> bool:
        """Whether tasks lie in public subnets, since there is no other way to the registry."""
        return not self.nat_gateways and not self.interface_endpoints


class Lake(Part):
    """The region that notes and entities are copied to, if any."""

    replicate_to: str | None


class Database(Part):
    """The database's size and care; `connections` is what the instance takes."""

    name: str
    instance: str
    connections: int
    storage_gb: int = Field(ge=20)
    storage_limit_gb: int
    is_multi_az: bool
    replicas: int = Field(ge=0, le=5)
    backup_days: int = Field(ge=1, le=35)
    has_insights: bool
    slow_query_ms: int
    rotation_days: int = Field(ge=1, le=365)


class Cache(Part):
    """The cache, which the API can do without."""

    is_on: bool
    instance: str
    replicas: int = Field(ge=0, le=5)
    snapshot_days: int


class Service(Part):
    """A service's size, and between how many tasks it scales; `night_least` lets it rest at night."""

    cpu: int
    memory: int
    least: int = Field(ge=0)
    most: int
    cpu_percent: int
    memory_percent: int
    requests_a_target: int
    engine_processes: int = 0
    night_least: int | None = None


class Deployment(Part):
    """How services get new images: task by task, or all at once beside the old ones, which stay `bake_minutes`."""

    is_blue_green: bool
    bake_minutes: int = Field(ge=0, le=1440)


class Etl(Part):
    """The batch job: its size, when it runs, how many workers take a queue."""

    cpu: int
    memory: int
    schedule: str
    workers_most: int
    shards_a_worker: int


class HostedZone(Part):
    """A zone of Route 53 that is there already."""

    id: str
    name: str


class SignIn(Part):
    """An OpenID provider that the balancer asks before it lets anybody in; the secret is a name in Secrets Manager."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    user_info_endpoint: str
    client_id: str
    secret_name: str


class Edge(Part):
    """Where people come in. Without a domain the balancer is internal."""

    domain: str | None = None
    hosted_zone: HostedZone | None = None
    certificate_arn: str | None = None
    allow: tuple[IPv4Network, ...] = ()
    has_firewall: bool
    has_distribution: bool
    requests_a_5_minutes: int = Field(ge=100)
    sign_in: SignIn | None = None

    @property
    def is_public(self) -> bool:
        """Whether the balancer has a public address: only with TLS, and only for those who are allowed."""
        return self.domain is not None and bool(self.allow)

    @property
    def is_reachable(self) -> bool:
        """Whether somebody outside of the network can reach it at all, through the balancer or through CloudFront."""
        return self.is_public or self.has_distribution

    @property
    def is_for_everybody(self) -> bool:
        """Whether no address is kept out."""
        return self.has_distribution or any(network.prefixlen == 0 for network in self.allow)

    @model_validator(mode="after")
    def _has_tls(self) -> Self:
        if self.domain and not (self.hosted_zone or self.certificate_arn):
            raise ValueError("a domain needs a hosted_zone or a certificate_arn")
        if not self.domain and (self.has_distribution or self.sign_in or self.allow):
            raise ValueError("allow, has_distribution and sign_in need a domain: no PHI over plain HTTP")
        if self.has_distribution and self.allow:
            raise ValueError("behind CloudFront the balancer is internal: give allow or has_distribution, not both")
        if self.has_distribution and not self.has_firewall:
            raise ValueError("CloudFront lets everybody in: has_distribution needs has_firewall")
        return self


class Security(Part):
    """What watches the account, and who may deploy."""

    has_trail: bool
    has_config_rules: bool
    has_detector: bool
    repository: str | None = Field(default=None, pattern=r"^[\w.-]+/[\w.-]+$")
    deploys_from_branch: str


class Slack(Part):
    """A Slack channel that Amazon Q in chat applications may write to."""

    workspace: str
    channel: str


class Monitoring(Part):
    """What is kept, watched and told to whom."""

    has_alarms: bool
    has_container_insights: bool
    log_days: Literal[7, 14, 30, 90, 365]
    budget_dollars: int
    freshness_minutes: int
    queue_minutes: int
    bucket_gb: int
    emails: tuple[str, ...] = ()
    pagerduty_url: str | None = None
    slack: Slack | None = None


class Images(Part):
    """How many images a repository keeps."""

    kept: int


class Backups(Part):
    """AWS Backup, and the region that its recovery points are copied to."""

    is_on: bool
    copy_to: str | None
