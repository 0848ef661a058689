"""Two roles for each program: one that starts its tasks, one that its tasks act as; every action stands here."""

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from hctap_infra.environments import Environment

READ = ("s3:GetObject",)
# Of a note that was deleted no version stays.
WRITE = ("s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:AbortMultipartUpload")
# What comes in is written in one piece, where nothing is.
CREATE = ("s3:PutObject",)
EXEC = (
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
)


@dataclass(frozen=True, slots=True)
class Needs:
    """What a program's tasks are started from; no `secrets_key` where the secrets lie under AWS's own key."""

    repository: ecr.Repository
    log_group: logs.LogGroup
    secrets: tuple[secretsmanager.ISecret, ...] = ()
    secrets_key: kms.IKey | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """What a program's tasks may do: the buckets (ARNs) that they read and write, and whether people may enter them.

    `creates` are objects, as ARNs that end in `*`: written, but neither deleted nor uploaded part by part.
    """

    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    notes_key: kms.Key | None = None
    execute_command: bool = False
    creates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Roles:
    """The roles as CDK may use them, which is without adding to them."""

    execution: iam.IRole
    task: iam.IRole


def make_roles(scope: Construct, environment: Environment, program: str, needs: Needs, access: Access) -> Roles:
    """The roles of one program, named after it."""
    names = {kind: environment.global_name_of(f"{program}-{kind}") for kind in ("execution", "task")}
    return Roles(
        execution=_make_role(scope, "Execution", names["execution"], _starting(needs)),
        task=_make_role(scope, "Task", names["task"], _acting(access)),
    )


def _make_role(scope: Construct, kind: str, name: str, statements: Sequence[iam.PolicyStatement]) -> iam.IRole:
    role = iam.Role(scope, f"{kind}Role", role_name=name, assumed_by=iam.ServicePrincipal("ecs-tasks.amazonaws.com"))
    if statements:
        iam.ManagedPolicy(scope, f"{kind}Policy", roles=[role], statements=list(statements))
    return role.without_policy_updates()


def _starting(needs: Needs) -> Sequence[iam.PolicyStatement]:
    statements = [
        # This action knows no resource.
        _allow(["ecr:GetAuthorizationToken"], ["*"]),
        _allow(
            ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            [needs.repository.repository_arn],
        ),
        _allow(["logs:CreateLogStream", "logs:PutLogEvents"], [needs.log_group.log_group_arn]),
    ]
    if needs.secrets:
        statements.append(_allow(["secretsmanager:GetSecretValue"], [secret.secret_arn for secret in needs.secrets]))
    if needs.secrets_key:
        statements.append(_allow(["kms:Decrypt"], [needs.secrets_key.key_arn]))
    return statements


def _acting(access: Access) -> Sequence[iam.PolicyStatement]:
    statements = []
    buckets = dict.fromkeys((*access.reads, *access.writes))
    if buckets:
        statements.append(_allow(["s3:ListBucket", "s3:GetBucketLocation"], list(buckets)))
    if access.reads:
        statements.append(_allow(READ, [f"{bucket}/*" for bucket in access.reads]))
    if access.writes:
        statements.append(_allow(["s3:ListBucketVersions"], list(access.writes)))
        statements.append(_allow(WRITE, [f"{bucket}/*" for bucket in access.writes]))
    if access.creates:
        statements.append(_allow(CREATE, access.creates))
    if access.notes_key:
        actions = ["kms:Decrypt", *(["kms:GenerateDataKey"] if access.writes or access.creates else [])]
        statements.append(_allow(actions, [access.notes_key.key_arn]))
    if access.execute_command:
        # These actions know no resource.
        statements.append(_allow(EXEC, ["*"]))
    return statements


def _allow(actions: Sequence[str], resources: Sequence[str]) -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=list(actions), resources=list(resources))
