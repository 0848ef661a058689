"""The copy of the lake in another region: where the copies lie, and what copies them."""

from aws_cdk import Aws, RemovalPolicy, Tags
from aws_cdk import aws_backup as backup
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from hctap_core.buckets import find_bucket
from hctap_infra.data.buckets import Buckets, bucket_arn, make_lifecycle
from hctap_infra.environments import Environment


def copy_key_alias(environment: Environment) -> str:
    """The alias of the key in the other region."""
    return f"alias/{environment.name_of('notes-copy')}"


def copy_name(environment: Environment, role: str) -> str:
    """The name of a bucket's copy, which the environment's own bucket in that region does not have."""
    return f"{environment.project}-{role}-copy-{environment.name}-{Aws.ACCOUNT_ID}-{environment.lake.replicate_to}"


def make_copies(scope: Construct, environment: Environment) -> None:
    """In the other region: a key, the copies of raw and enriched, and the vault for copied recovery points."""
    key = kms.Key(scope, "Key", alias=copy_key_alias(environment), enable_key_rotation=True)
    logs = _make_copy(scope, environment, "logs", None, None)
    for kind in ("raw", "enriched"):
        copy = _make_copy(scope, environment, kind, key, logs)
        Tags.of(copy).add("DataClass", "phi", priority=300)
    backup.BackupVault(
        scope,
        "Vault",
        backup_vault_name=environment.name_of("vault-copy"),
        encryption_key=key,
        removal_policy=RemovalPolicy.RETAIN,
    )


def _make_copy(
    scope: Construct, environment: Environment, kind: str, key: kms.Key | None, logs: s3.Bucket | None
) -> s3.Bucket:
    return s3.Bucket(
        scope,
        kind.title(),
        bucket_name=copy_name(environment, kind),
        # S3 writes access logs under its own keys only.
        encryption=s3.BucketEncryption.KMS if key else s3.BucketEncryption.S3_MANAGED,
        encryption_key=key,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        enforce_ssl=True,
        versioned=True,
        # A copy that outlived its original would keep what retention ends.
        lifecycle_rules=[make_lifecycle(environment, find_bucket(kind).lifecycle)],
        server_access_logs_bucket=logs,
        server_access_logs_prefix="s3/" if logs else None,
        removal_policy=RemovalPolicy.RETAIN,
    )


def replicate(scope: Construct, environment: Environment, buckets: Buckets, key: kms.Key) -> None:
    """Have S3 copy every new object of raw and enriched; deletions are not copied."""
    role = iam.Role(scope, "ReplicationRole", assumed_by=iam.ServicePrincipal("s3.amazonaws.com"))
    kinds = {"raw": buckets.raw, "enriched": buckets.enriched}
    sources = [bucket_arn(environment, kind) for kind in kinds]
    copies = [f"arn:aws:s3:::{copy_name(environment, kind)}" for kind in kinds]
    alias = f"arn:aws:kms:{environment.lake.replicate_to}:{Aws.ACCOUNT_ID}:{copy_key_alias(environment)}"
    iam.ManagedPolicy(
        scope,
        "ReplicationPolicy",
        roles=[role],
        statements=[
            _allow(["s3:GetReplicationConfiguration", "s3:ListBucket"], sources),
            _allow(
                ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"],
                [f"{arn}/*" for arn in sources],
            ),
            _allow(["s3:ReplicateObject", "s3:ReplicateTags"], [f"{arn}/*" for arn in copies]),
            _allow(["kms:Decrypt"], [key.key_arn]),
            iam.PolicyStatement(
                actions=["kms:Encrypt", "kms:GenerateDataKey"],
                # An alias is no resource of a policy; the key that bears it is found by this condition.
                resources=[f"arn:aws:kms:{environment.lake.replicate_to}:{Aws.ACCOUNT_ID}:key/*"],
                conditions={"ForAnyValue:StringEquals": {"kms:ResourceAliases": copy_key_alias(environment)}},
            ),
        ],
    )
    for kind, bucket in kinds.items():
        bucket.node.default_child.replication_configuration = s3.CfnBucket.ReplicationConfigurationProperty(
            role=role.role_arn,
            rules=[_rule(f"arn:aws:s3:::{copy_name(environment, kind)}", alias)],
        )


def _rule(destination: str, key: str) -> s3.CfnBucket.ReplicationRuleProperty:
    return s3.CfnBucket.ReplicationRuleProperty(
        id="all",
        priority=0,
        status="Enabled",
        filter=s3.CfnBucket.ReplicationRuleFilterProperty(prefix=""),
        delete_marker_replication=s3.CfnBucket.DeleteMarkerReplicationProperty(status="Disabled"),
        source_selection_criteria=s3.CfnBucket.SourceSelectionCriteriaProperty(
            sse_kms_encrypted_objects=s3.CfnBucket.SseKmsEncryptedObjectsProperty(status="Enabled")
        ),
        destination=s3.CfnBucket.ReplicationDestinationProperty(
            bucket=destination,
            encryption_configuration=s3.CfnBucket.EncryptionConfigurationProperty(replica_kms_key_id=key),
        ),
    )


def _allow(actions: list[str], resources: list[str]) -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=actions, resources=resources)
