"""The most that any role of these stacks may ever do, whatever its policies say."""

from typing import Final

from aws_cdk import aws_iam as iam
from constructs import Construct

from hctap_infra.environments import Environment

# What tasks, schedules, trails, copies and deployments do; never users, keys of access, organisations or billing.
ACTIONS: Final = (
    "cloudformation:DescribeStackDriftDetectionStatus", "cloudformation:DescribeStacks",
    "cloudformation:DetectStackDrift", "cloudwatch:DescribeAlarms",
    "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:CompleteLayerUpload",
    "ecr:DescribeImageScanFindings", "ecr:DescribeImages", "ecr:GetAuthorizationToken",
    "ecr:GetDownloadUrlForLayer", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart",
    "ecs:DescribeServices", "ecs:DescribeTaskDefinition", "ecs:DescribeTasks", "ecs:RunTask", "ecs:TagResource",
    "ecs:UpdateService", "elasticache:DescribeReplicationGroups", "elasticache:ModifyReplicationGroup",
    "elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:DescribeListeners",
    "elasticloadbalancing:DescribeRules", "elasticloadbalancing:DescribeTargetGroups",
    "elasticloadbalancing:DescribeTargetHealth", "elasticloadbalancing:ModifyListener",
    "elasticloadbalancing:ModifyRule", "elasticloadbalancing:RegisterTargets",
    "kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey",
    "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:GetLogEvents", "logs:PutLogEvents",
    "rds:CreateDBSnapshot", "rds:DescribeDBInstances", "rds:ModifyDBInstance",
    "s3:AbortMultipartUpload", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:GetBucketLocation", "s3:GetObject",
    "s3:GetObjectVersionAcl", "s3:GetObjectVersionForReplication", "s3:GetObjectVersionTagging",
    "s3:GetReplicationConfiguration", "s3:ListBucket", "s3:ListBucketVersions", "s3:PutObject", "s3:ReplicateObject",
    "s3:ReplicateTags",
    "secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue",
    "secretsmanager:UpdateSecretVersionStage",
    "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel", "sts:AssumeRole",
)  # fmt: skip


def make_boundary(scope: Construct, environment: Environment) -> iam.ManagedPolicy:
    """The boundary, which grants nothing by itself."""
    return iam.ManagedPolicy(
        scope,
        "Boundary",
        managed_policy_name=environment.global_name_of("boundary"),
        description="The most that a role of this environment may do",
        statements=[
            iam.PolicyStatement(sid="Most", actions=list(ACTIONS), resources=["*"]),
            iam.PolicyStatement(
                sid="OwnRoles",
                actions=["iam:PassRole"],
                resources=["*"],
                conditions={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
            ),
        ],
    )
