"""The role that GitHub's workflows take by OIDC: no key is kept anywhere."""

from collections.abc import Iterable

from aws_cdk import Aws, Duration
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from hctap_infra.environments import Environment

SERVICES = ("api", "dashboard", "worker")
PUSH = (
    "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:CompleteLayerUpload",
    "ecr:DescribeImageScanFindings", "ecr:DescribeImages", "ecr:GetDownloadUrlForLayer",
    "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart",
)  # fmt: skip
LOOK = (
    "cloudformation:DescribeStackDriftDetectionStatus", "cloudformation:DescribeStacks",
    "cloudformation:DetectStackDrift", "cloudwatch:DescribeAlarms", "ecr:GetAuthorizationToken",
    "ecs:DescribeTaskDefinition", "ecs:DescribeTasks", "elasticloadbalancing:DescribeTargetHealth",
)  # fmt: skip
ISSUER = "token.actions.githubusercontent.com"


def make_deployment_role(
    scope: Construct, environment: Environment, repositories: Iterable[ecr.Repository], etl_log: logs.LogGroup
) -> iam.Role | None:
    """The role for the repository's jobs in the GitHub environment of this name; none without a repository."""
    repository = environment.security.repository
    if repository is None:
        return None
    role = iam.Role(
        scope,
        "DeploymentRole",
        role_name=environment.global_name_of("deployment"),
        max_session_duration=Duration.hours(1),
        # The account has the provider already: it is one for all environments, see docs/deploying.md.
        assumed_by=iam.WebIdentityPrincipal(
            f"arn:aws:iam::{Aws.ACCOUNT_ID}:oidc-provider/{ISSUER}",
            {
                "StringEquals": {
                    f"{ISSUER}:aud": "sts.amazonaws.com",
                    f"{ISSUER}:sub": f"repo:{repository}:environment:{environment.name}",
                }
            },
        ),
    )
    iam.ManagedPolicy(
        scope,
        "DeploymentPolicy",
        roles=[role],
        statements=[
            *_deploying(environment),
            _allow("Push", PUSH, [one.repository_arn for one in repositories]),
            *_running(environment),
            # These read, and know no resource, or none that is known before.
            _allow("Look", LOOK, ["*"]),
            _allow("Logs", ["logs:GetLogEvents"], [etl_log.log_group_arn]),
        ],
    )
    return role


def _deploying(environment: Environment) -> list[iam.PolicyStatement]:
    """Take the roles that CDK's bootstrap made, and a snapshot before."""
    roles = [
        f"arn:aws:iam::{Aws.ACCOUNT_ID}:role/cdk-hnb659fds-{kind}-role-{Aws.ACCOUNT_ID}-{environment.region}"
        for kind in ("deploy", "file-publishing", "lookup")
    ]
    parts = (f"db:{environment.name_of('database')}", f"snapshot:{environment.name_of('*')}")
    database = [_arn(environment, "rds", part) for part in parts]
    return [_allow("Deploy", ["sts:AssumeRole"], roles), _allow("Snapshot", ["rds:CreateDBSnapshot"], database)]


def _running(environment: Environment) -> list[iam.PolicyStatement]:
    """Run the job's tasks in this cluster, as the job's roles, and roll the services."""
    cluster = environment.name_of("cluster")
    services = [_arn(environment, "ecs", f"service/{cluster}/{environment.name_of(one)}") for one in SERVICES]
    roles = [
        f"arn:aws:iam::{Aws.ACCOUNT_ID}:role/{environment.global_name_of(f'etl-{kind}')}"
        for kind in ("execution", "task")
    ]
    return [
        _allow("Roll", ["ecs:DescribeServices", "ecs:UpdateService"], services),
        iam.PolicyStatement(
            sid="Run",
            actions=["ecs:RunTask"],
            resources=["*"],
            conditions={"ArnEquals": {"ecs:cluster": _arn(environment, "ecs", f"cluster/{cluster}")}},
        ),
        iam.PolicyStatement(
            sid="Pass",
            actions=["iam:PassRole"],
            resources=roles,
            conditions={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
        ),
    ]


def _arn(environment: Environment, service: str, resource: str) -> str:
    return f"arn:aws:{service}:{environment.region}:{Aws.ACCOUNT_ID}:{resource}"


def _allow(sid: str, actions: Iterable[str], resources: list[str]) -> iam.PolicyStatement:
    return iam.PolicyStatement(sid=sid, actions=list(actions), resources=resources)
