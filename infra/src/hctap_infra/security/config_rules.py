"""Rules of AWS Config: what must stay so after it was deployed; the account's recorder has to be on."""

from typing import Final

from aws_cdk import aws_config as config
from constructs import Construct

from hctap_infra.environments import Environment

RULES: Final = (
    "S3_BUCKET_PUBLIC_READ_PROHIBITED",
    "S3_BUCKET_PUBLIC_WRITE_PROHIBITED",
    "S3_BUCKET_SERVER_SIDE_ENCRYPTION_ENABLED",
    "S3_BUCKET_SSL_REQUESTS_ONLY",
    "S3_BUCKET_VERSIONING_ENABLED",
    "RDS_STORAGE_ENCRYPTED",
    "RDS_INSTANCE_PUBLIC_ACCESS_CHECK",
    "RDS_SNAPSHOTS_PUBLIC_PROHIBITED",
    "ELASTICACHE_REPL_GRP_ENCRYPTED_AT_REST",
    "ECS_TASK_DEFINITION_USER_FOR_HOST_MODE_CHECK",
    "ECS_CONTAINERS_READONLY_ACCESS",
    "VPC_DEFAULT_SECURITY_GROUP_CLOSED",
    "VPC_FLOW_LOGS_ENABLED",
    "KMS_CMK_NOT_SCHEDULED_FOR_DELETION",
    "CLOUD_TRAIL_ENABLED",
    "IAM_POLICY_NO_STATEMENTS_WITH_ADMIN_ACCESS",
    "ROOT_ACCOUNT_MFA_ENABLED",
    "IAM_USER_MFA_ENABLED",
    "ACCESS_KEYS_ROTATED",
)
PARAMETERS: Final = {"ACCESS_KEYS_ROTATED": {"maxAccessKeyAge": 90}}


def make_config_rules(scope: Construct, environment: Environment) -> None:
    """AWS's managed rules under names of the environment."""
    for rule in RULES:
        config.CfnConfigRule(
            scope,
            rule.title().replace("_", ""),
            config_rule_name=environment.name_of(rule.lower().replace("_", "-")),
            source=config.CfnConfigRule.SourceProperty(owner="AWS", source_identifier=rule),
            input_parameters=PARAMETERS.get(rule),
        )
