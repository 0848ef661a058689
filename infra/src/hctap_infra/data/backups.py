"""AWS Backup: the database every day, in a vault of its own, beside the instance's own log of every five minutes."""

from aws_cdk import Aws, Duration, RemovalPolicy
from aws_cdk import aws_backup as backup
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from hctap_infra.environments import Environment


def make_backups(scope: Construct, environment: Environment, key: kms.Key, protected: list[str]) -> backup.BackupVault:
    """The plan with its vault; `protected` are the ARNs of what it backs up, `copy_to` a vault in another region."""
    vault = backup.BackupVault(
        scope,
        "Vault",
        backup_vault_name=environment.name_of("vault"),
        encryption_key=key,
        removal_policy=RemovalPolicy.RETAIN if environment.is_protected else RemovalPolicy.DESTROY,
    )
    plan = backup.BackupPlan(scope, "Plan", backup_plan_name=environment.name_of("plan"), backup_vault=vault)
    kept = Duration.days(max(environment.database.backup_days, 1))
    copies = [_copy(scope, environment, kept)] if environment.backups.copy_to else []
    plan.add_rule(
        backup.BackupPlanRule(
            rule_name="daily",
            schedule_expression=events.Schedule.cron(hour="5", minute="0"),
            start_window=Duration.hours(1),
            completion_window=Duration.hours(4),
            delete_after=kept,
            copy_actions=copies,
        )
    )
    role = iam.Role(
        scope,
        "BackupRole",
        assumed_by=iam.ServicePrincipal("backup.amazonaws.com"),
        managed_policies=[
            iam.ManagedPolicy.from_aws_managed_policy_name("service-role/AWSBackupServiceRolePolicyForBackup")
        ],
    )
    # What AWS's own policy for its own service holds is not ours to bound.
    iam.PermissionsBoundary.of(role).clear()
    backup.CfnBackupSelection(
        scope,
        "Selection",
        backup_plan_id=plan.backup_plan_id,
        backup_selection=backup.CfnBackupSelection.BackupSelectionResourceTypeProperty(
            selection_name=environment.name_of("data"), iam_role_arn=role.role_arn, resources=protected
        ),
    )
    return vault


def _copy(scope: Construct, environment: Environment, kept: Duration) -> backup.BackupPlanCopyActionProps:
    arn = (
        f"arn:aws:backup:{environment.backups.copy_to}:{Aws.ACCOUNT_ID}"
        f":backup-vault:{environment.name_of('vault-copy')}"
    )
    there = backup.BackupVault.from_backup_vault_arn(scope, "VaultCopy", arn)
    return backup.BackupPlanCopyActionProps(destination_backup_vault=there, delete_after=kept)
