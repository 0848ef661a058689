"""Every finding of the rule packs that stays, with the reason for which it may."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from aws_cdk import Acknowledgment, App, Validations

from hctap_infra.environments import Environment

SOLUTIONS, HIPAA = "AwsSolutions", "HIPAA.Security"


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What is left as it is: the construct (stack and path), the rules that say the same of it, why, and when."""

    stack: str
    path: str
    rules: tuple[str, ...]
    reason: str
    holds: Callable[[Environment], bool] = lambda _: True

    def rules_in(self, environment: Environment) -> tuple[str, ...]:
        """The ids with the names of an environment in them."""
        words = {"name": environment.name, "project": environment.project, "region": environment.region}
        return tuple(rule.format(**words, copies=environment.lake.replicate_to) for rule in self.rules)


def _solutions(rule: str) -> str:
    return f"{SOLUTIONS}::{SOLUTIONS}-{rule}"


def _hipaa(rule: str) -> str:
    return f"{HIPAA}::{HIPAA}-{rule}"


def _is_open(environment: Environment) -> bool:
    return not environment.is_protected


def _wildcards(*findings: str) -> tuple[str, ...]:
    return tuple(f"{_solutions('IAM5')}[Resource::{finding}]" for finding in findings)


_LAKE = (
    "arn:aws:s3:::hc-tap-raw-notes-{name}-<AWS::AccountId>-{region}/*",
    "arn:aws:s3:::hc-tap-enriched-entities-{name}-<AWS::AccountId>-{region}/*",
)
_TAKEN_IN = (
    "arn:aws:s3:::hc-tap-raw-notes-{name}-<AWS::AccountId>-{region}/notes/*",
    "arn:aws:s3:::hc-tap-raw-notes-{name}-<AWS::AccountId>-{region}/uploads/*",
)
_COPIES = (
    "arn:aws:s3:::hc-tap-raw-copy-{name}-<AWS::AccountId>-{copies}/*",
    "arn:aws:s3:::hc-tap-enriched-copy-{name}-<AWS::AccountId>-{copies}/*",
)
_SETTINGS = (
    "Names, sizes and addresses only. Passwords come from Secrets Manager by valueFrom; a test tells them apart."
)
_WILDCARDS = (
    "Objects of the lake's two buckets under any key; ecr:GetAuthorizationToken and ssmmessages know no resource. "
    "A test lists every action of every role."
)

ACKNOWLEDGEMENTS: Final = (
    Acknowledgement(
        "foundation", "Vpc", (_hipaa("VPCNoUnrestrictedRouteToIGW"),),
        "Public subnets hold the balancer and, without NAT, tasks whose security groups let in the balancer alone.",
    ),
    Acknowledgement(
        "foundation", "Vpc", (_hipaa("VPCDefaultSecurityGroupClosed"),),
        "Nothing is in the default group. Emptying it takes a Lambda function of CDK with rights over security "
        "groups; the Config rule vpc-default-security-group-closed watches it instead.",
    ),
    Acknowledgement(
        "foundation", "Vpc/DatabaseAcl", (_solutions("VPC3"),),
        "A second fence around the database subnets, which speak with this network alone; three rules, tested.",
    ),
    Acknowledgement(
        "foundation", "Boundary", _wildcards("*"),
        "A permissions boundary grants nothing: it says the most that a role may be granted.",
    ),
    Acknowledgement(
        "foundation", "DeploymentPolicy",
        _wildcards("*", "arn:aws:rds:{region}:<AWS::AccountId>:snapshot:{project}-{name}-*"),
        "Snapshots of this environment's names; tasks in this cluster alone, as the job's roles alone; the actions "
        "that read have no resource. A test lists them.",
        lambda environment: environment.security.repository is not None,
    ),
    Acknowledgement(
        "foundation", "Rotation/Function",
        (_hipaa("LambdaConcurrency"), _hipaa("LambdaDLQ"), _hipaa("LambdaInsideVPC")),
        "Secrets Manager alone may call it, one step at a time, and calls again what failed; its errors ring. It "
        "speaks with AWS's own services by TLS and never with a store, so it needs no way into the network.",
    ),
    Acknowledgement(
        "foundation", "Lake", (_hipaa("S3BucketReplicationEnabled"),),
        "Replicated are notes and entities, where the environment names a region: the rest can be made again.",
    ),
    Acknowledgement(
        "foundation", "Lake/Logs", (_hipaa("S3DefaultEncryptionKMS"),),
        "The balancer and S3 itself write access logs under SSE-S3 only. They hold no note.",
    ),
    Acknowledgement(
        "foundation", "Relational", (_solutions("RDS3"), _hipaa("RDSMultiAZSupport")),
        "Outside of prod a zone may fail; in prod it is the replica, beside a primary in two zones.",
    ),
    Acknowledgement(
        "foundation", "Relational/Database", (_solutions("RDS10"), _hipaa("RDSInstanceDeletionProtectionEnabled")),
        "dev holds synthetic notes and can be destroyed.",
        _is_open,
    ),
    Acknowledgement(
        "foundation", "Relational/Replica1", (_solutions("RDS11"), _hipaa("RDSInBackupPlan")),
        "A replica takes engine and port from its primary, which is in the plan.",
        lambda environment: environment.database.replicas > 0,
    ),
    Acknowledgement(
        "foundation", "Relational/DatabaseMonitoringPolicy",
        _wildcards("arn:aws:logs:{region}:<AWS::AccountId>:log-group:RDSOSMetrics:*"),
        "The streams of the one log group that RDS writes the machine's figures to.",
    ),
    Acknowledgement(
        "foundation", "Backups/BackupRole",
        (_solutions("IAM4") + "[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/"
         "AWSBackupServiceRolePolicyForBackup]",),
        "AWS's own policy for its Backup service: its actions follow what the service does.",
        lambda environment: environment.backups.is_on,
    ),
    Acknowledgement(
        "foundation", "Replication/ReplicationPolicy",
        _wildcards(*_LAKE, *_COPIES, "arn:aws:kms:{copies}:<AWS::AccountId>:key/*"),
        "Every object of the two replicated buckets; the key of the other region is found by its alias.",
        lambda environment: environment.lake.replicate_to is not None,
    ),
    Acknowledgement(
        "copies", "Copies", (_hipaa("S3BucketReplicationEnabled"),),
        "These are the copies.",
        lambda environment: environment.lake.replicate_to is not None,
    ),
    Acknowledgement(
        "copies", "Copies/Logs", (_hipaa("S3DefaultEncryptionKMS"),),
        "S3 writes access logs under SSE-S3 only. They hold no note.",
        lambda environment: environment.lake.replicate_to is not None,
    ),
    Acknowledgement("jobs", "Etl", (_solutions("ECS2"),), _SETTINGS),
    Acknowledgement("jobs", "Etl", _wildcards("*", *_LAKE), _WILDCARDS),
    Acknowledgement(
        "jobs", "Cluster", (_solutions("ECS4"),),
        "Container Insights costs more than dev's tasks; the services' own metrics are there.",
        lambda environment: not environment.monitoring.has_container_insights,
    ),
    Acknowledgement("services", "Programs", (_solutions("ECS2"),), _SETTINGS),
    Acknowledgement("services", "Programs", _wildcards("*", *_LAKE, *_TAKEN_IN), _WILDCARDS),
    Acknowledgement(
        "services", "Balancer/Http", (_hipaa("ALBHttpToHttpsRedirection"), _hipaa("ELBv2ACMCertificateRequired")),
        "Without a domain there is no certificate; then the balancer is internal and nothing outside reaches it.",
        lambda environment: environment.edge.domain is None,
    ),
    Acknowledgement(
        "services", "Balancer/Redirect", (_hipaa("ELBv2ACMCertificateRequired"),),
        "This listener answers nothing but the redirection to HTTPS.",
        lambda environment: environment.edge.domain is not None,
    ),
    Acknowledgement(
        "services", "Distribution", (_solutions("CFR1"), _solutions("CFR2"), _solutions("CFR3")),
        "It keeps nothing and lets through all, so that firewall and access log of the balancer behind it see every "
        "request; who may ask is decided by keys and sign-in, not by country.",
        lambda environment: environment.edge.has_distribution,
    ),
    Acknowledgement(
        "services", "Balancer", (_hipaa("ELBDeletionProtectionEnabled"),),
        "dev can be destroyed.",
        _is_open,
    ),
)  # fmt: skip


def select(environment: Environment) -> tuple[Acknowledgement, ...]:
    """Those that hold in an environment."""
    return tuple(one for one in ACKNOWLEDGEMENTS if one.holds(environment))


def acknowledge(app: App, environment: Environment) -> None:
    """Write them to the constructs that they name.

    Raises:
        LookupError: If one names a construct that there is not, so none outlives what it was for.
    """
    for one in select(environment):
        construct = app.node.find_child(environment.name_of(one.stack))
        for step in one.path.split("/"):
            construct = construct.node.try_find_child(step)
            if construct is None:
                raise LookupError(f"There is no construct {one.path!r} in the stack {one.stack!r}.")
        rules = [Acknowledgment(id=rule, reason=one.reason) for rule in one.rules_in(environment)]
        Validations.of(construct).acknowledge(*rules)
