"""Every action of every role: who adds one has to write it here."""

import re
from fnmatch import fnmatchcase
from pathlib import Path

from tests.infra.assemblies import Assembly, as_list

import hctap_api
from hctap_api.settings import Settings as ApiSettings
from hctap_stores.lake.keys import MARK_KEY, batch_key, note_key, pack_key, rejected_key, upload_key

START = {
    "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetAuthorizationToken",
    "ecr:GetDownloadUrlForLayer", "logs:CreateLogStream", "logs:PutLogEvents",
}  # fmt: skip
SECRETS = {"secretsmanager:GetSecretValue", "kms:Decrypt"}
LAKE_READ = {"s3:GetBucketLocation", "s3:GetObject", "s3:ListBucket", "kms:Decrypt"}
LAKE_WRITE = {
    "s3:AbortMultipartUpload", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:ListBucketVersions", "s3:PutObject",
    "kms:GenerateDataKey",
}  # fmt: skip
TAKE_IN = {"s3:PutObject", "kms:GenerateDataKey"}
EXEC = {
    "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel",
}  # fmt: skip
ROTATE = {
    "ecs:DescribeServices", "ecs:UpdateService", "kms:Decrypt", "kms:GenerateDataKey", "logs:CreateLogStream",
    "logs:PutLogEvents", "rds:DescribeDBInstances", "rds:ModifyDBInstance", "secretsmanager:DescribeSecret",
    "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage",
}  # fmt: skip
ROTATE_CACHE = {"elasticache:DescribeReplicationGroups", "elasticache:ModifyReplicationGroup"}
LOG = {"logs:CreateLogStream", "logs:PutLogEvents"}
DEPLOY = {
    "cloudformation:DescribeStackDriftDetectionStatus", "cloudformation:DescribeStacks",
    "cloudformation:DetectStackDrift", "cloudwatch:DescribeAlarms", "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage", "ecr:CompleteLayerUpload", "ecr:DescribeImageScanFindings", "ecr:DescribeImages",
    "ecr:GetAuthorizationToken", "ecr:GetDownloadUrlForLayer", "ecr:InitiateLayerUpload", "ecr:PutImage",
    "ecr:UploadLayerPart", "ecs:DescribeServices", "ecs:DescribeTaskDefinition", "ecs:DescribeTasks", "ecs:RunTask",
    "ecs:UpdateService", "elasticloadbalancing:DescribeTargetHealth", "iam:PassRole", "logs:GetLogEvents",
    "rds:CreateDBSnapshot", "sts:AssumeRole",
}  # fmt: skip


def _actions(assembly: Assembly) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for resource, statement in assembly.statements():
        if "Boundary" in resource.name:
            continue
        name = resource.name.rstrip("0123456789ABCDEF")
        found.setdefault(name, set()).update(as_list(statement["Action"]))
    return found


def test_roles_may_do_this_and_nothing_else(assembly: Assembly) -> None:
    environment = assembly.environment
    people = EXEC if environment.network.execute_command else set()
    expected = {
        "VpcFlowsPolicy": LOG | {"logs:DescribeLogStreams"},
        "RelationalDatabaseMonitoringPolicy": LOG | {"logs:DescribeLogStreams"},
        "DeploymentPolicy": DEPLOY,
        "EtlExecutionPolicy": START | SECRETS,
        "EtlTaskPolicy": LAKE_READ | LAKE_WRITE | people,
        "ProgramsApiExecutionPolicy": START | SECRETS,
        "ProgramsApiTaskPolicy": LAKE_READ | TAKE_IN | people,
        "ProgramsDashboardExecutionPolicy": START,
        "ProgramsWorkerExecutionPolicy": START | SECRETS,
        "ProgramsWorkerTaskPolicy": LAKE_READ | LAKE_WRITE | people,
        "RotationPolicy": ROTATE | (ROTATE_CACHE if environment.cache.is_on else set()),
        "SchedulePolicy": {"ecs:RunTask", "ecs:TagResource", "iam:PassRole"},
    }
    if people:
        expected["ProgramsDashboardTaskPolicy"] = people
    if environment.security.has_trail:
        expected["TrailPolicy"] = LOG
    if environment.lake.replicate_to:
        expected["ReplicationReplicationPolicy"] = {
            "kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "s3:GetObjectVersionAcl",
            "s3:GetObjectVersionForReplication", "s3:GetObjectVersionTagging", "s3:GetReplicationConfiguration",
            "s3:ListBucket", "s3:ReplicateObject", "s3:ReplicateTags",
        }  # fmt: skip

    assert _actions(assembly) == expected


def test_no_action_on_data_has_a_wildcard(assembly: Assembly) -> None:
    for resource, statement in assembly.statements():
        for action in as_list(statement["Action"]):
            assert "*" not in action, resource.name
            if action.startswith(("s3:", "kms:", "secretsmanager:")) and "Boundary" not in resource.name:
                assert "*" not in as_list(statement["Resource"]), resource.name


def test_the_api_may_write_notes_that_come_in_and_nothing_else(assembly: Assembly) -> None:
    name, region = assembly.environment.name, assembly.environment.region
    bucket = f"arn:aws:s3:::{ApiSettings.model_fields['raw_bucket'].default}-{name}-ACCOUNT-{region}"
    writes = [
        _text(resource)
        for policy, statement in assembly.statements()
        if policy.name.startswith("ProgramsApiTaskPolicy") and "s3:PutObject" in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
    ]
    written = [f"{bucket}/{key}" for key in (note_key("a/b c"), upload_key("0" * 64, "pdf"))]
    others = [f"{bucket}/{key}" for key in (pack_key("b", 1), batch_key("b"), rejected_key("b", 1), MARK_KEY)]

    assert len(writes) == 2
    assert all(sum(fnmatchcase(key, pattern) for pattern in writes) == 1 for key in written)
    assert not [key for key in others for pattern in writes if fnmatchcase(key, pattern)]


def test_what_the_apis_code_does_with_the_lake_is_what_its_role_may() -> None:
    """Whoever lets the API do more with the lake has to give its role on AWS the right to."""
    sources = (Path(hctap_api.__file__).parent).rglob("*.py")
    done = {found for path in sources for found in re.findall(r"lake\.(raw|enriched)\.(\w+)", path.read_text("utf-8"))}

    assert done == {("raw", "create"), ("raw", "read"), ("enriched", "read"), ("enriched", "read_blocks")}


def _text(value: object) -> str:
    """A resource of a policy, with the account in words."""
    if isinstance(value, dict):
        _, parts = value["Fn::Join"]
        return "".join(part if isinstance(part, str) else "ACCOUNT" for part in parts)
    return str(value)


def test_every_program_has_an_execution_and_a_task_role_of_its_own(assembly: Assembly) -> None:
    tasks = [one.properties for one in assembly.resources("AWS::ECS::TaskDefinition")]
    roles = [str(task[kind]) for task in tasks for kind in ("ExecutionRoleArn", "TaskRoleArn")]

    assert len(tasks) == 4
    assert len(set(roles)) == 8


def test_rights_come_as_policies_of_their_own(assembly: Assembly) -> None:
    assert not [one.name for one in assembly.resources("AWS::IAM::Policy")]
    assert not [one.name for one in assembly.resources("AWS::IAM::Role") if "Policies" in one.properties]
    assert not list(assembly.resources("AWS::IAM::User"))


def test_every_role_but_the_backup_services_has_the_boundary(assembly: Assembly) -> None:
    for role in assembly.resources("AWS::IAM::Role"):
        assert ("PermissionsBoundary" in role.properties) is not role.name.startswith("Backups"), role.name


def test_every_action_of_a_role_is_within_the_boundary(assembly: Assembly) -> None:
    (boundary,) = (one for one in assembly.resources("AWS::IAM::ManagedPolicy") if "Boundary" in one.name)
    allowed = {
        action
        for statement in boundary.properties["PolicyDocument"]["Statement"]
        for action in as_list(statement["Action"])
    }

    assert set().union(*_actions(assembly).values()) <= allowed


def test_github_gets_in_by_oidc_for_its_own_environment(assembly: Assembly) -> None:
    role = assembly.one("AWS::IAM::Role", "DeploymentRole")
    (statement,) = role.properties["AssumeRolePolicyDocument"]["Statement"]
    conditions = statement["Condition"]["StringEquals"]

    assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert conditions["token.actions.githubusercontent.com:sub"] == (
        f"repo:example/hc-tap:environment:{assembly.environment.name}"
    )
