"""The buckets that `hctap_core.buckets` describes, as AWS has them: closed, encrypted, each access on record."""

from dataclasses import dataclass

from aws_cdk import Aws, Duration, RemovalPolicy, Tags
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from hctap_core import buckets as description
from hctap_infra.environments import Environment

PHI = frozenset({"raw", "enriched", "lineage"})
_CLASSES = {
    description.StorageClass.INFREQUENT: s3.StorageClass.INFREQUENT_ACCESS,
    description.StorageClass.GLACIER: s3.StorageClass.GLACIER_INSTANT_RETRIEVAL,
}


@dataclass(frozen=True, slots=True)
class Buckets:
    """Notes as they came, what was found in them, whence it came, reports and models, and who asked for objects."""

    raw: s3.Bucket
    enriched: s3.Bucket
    lineage: s3.Bucket
    artifacts: s3.Bucket
    logs: s3.Bucket

    @property
    def replicated(self) -> tuple[s3.Bucket, ...]:
        """Notes, and what was found in them."""
        return (self.raw, self.enriched)


def bucket_name(environment: Environment, role: str) -> str:
    """The name of a bucket: unique over accounts, environments and regions."""
    return f"{description.find_bucket(role).name}-{environment.name}-{Aws.ACCOUNT_ID}-{environment.region}"


def bucket_arn(environment: Environment, role: str) -> str:
    """The ARN of a bucket, by its name."""
    return f"arn:aws:s3:::{bucket_name(environment, role)}"


def make_buckets(scope: Construct, environment: Environment, key: kms.Key) -> Buckets:
    """All that the description names."""
    logs = _make_bucket(scope, environment, description.find_bucket("logs"), key, None)
    others = (bucket for bucket in description.BUCKETS if bucket.role != "logs")
    return Buckets(logs=logs, **{one.role: _make_bucket(scope, environment, one, key, logs) for one in others})


def _make_bucket(
    scope: Construct, environment: Environment, described: description.Bucket, key: kms.Key, logs: s3.Bucket | None
) -> s3.Bucket:
    has_key = described.encryption_in_aws == "aws:kms"
    bucket = s3.Bucket(
        scope,
        described.role.title(),
        bucket_name=bucket_name(environment, described.role),
        encryption=s3.BucketEncryption.KMS if has_key else s3.BucketEncryption.S3_MANAGED,
        encryption_key=key if has_key else None,
        bucket_key_enabled=True if has_key else None,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        enforce_ssl=True,
        minimum_tls_version=1.2,
        versioned=described.is_versioned,
        lifecycle_rules=[make_lifecycle(environment, described.lifecycle)],
        cors=_cors(environment, described.cors) if described.cors else None,
        server_access_logs_bucket=logs if described.is_logged else None,
        server_access_logs_prefix=f"s3/{described.role}/" if described.is_logged else None,
        removal_policy=RemovalPolicy.RETAIN if environment.is_protected else RemovalPolicy.DESTROY,
    )
    if described.notifies_eventbridge:
        # By the property itself: CDK's own way is a Lambda function with rights over every bucket.
        bucket.node.default_child.add_property_override(
            "NotificationConfiguration.EventBridgeConfiguration.EventBridgeEnabled", value=True
        )
    Tags.of(bucket).add("DataClass", "phi" if described.role in PHI else "internal", priority=300)
    return bucket


def make_lifecycle(environment: Environment, lifecycle: description.Lifecycle) -> s3.LifecycleRule:
    """How objects of a bucket age and end in an environment."""
    name = description.Environment(environment.name)
    days = lifecycle.expires_after_days.get(name)
    return s3.LifecycleRule(
        id="ageing",
        abort_incomplete_multipart_upload_after=Duration.days(lifecycle.abort_uploads_after_days),
        expiration=Duration.days(days) if days else None,
        noncurrent_version_expiration=Duration.days(lifecycle.versions_expire_after_days),
        transitions=[
            s3.Transition(storage_class=_CLASSES[one.storage_class], transition_after=Duration.days(one.after_days))
            for one in lifecycle.transitions_in(name)
        ],
    )


def _cors(environment: Environment, cors: description.Cors) -> list[s3.CorsRule] | None:
    """The dashboard's own address may speak to the bucket; without a domain no page may."""
    if environment.edge.domain is None:
        return None
    return [
        s3.CorsRule(
            allowed_methods=[getattr(s3.HttpMethods, method) for method in cors.methods],
            allowed_origins=[f"https://{environment.edge.domain}"],
            allowed_headers=list(cors.headers),
            exposed_headers=list(cors.exposed_headers),
            max_age=cors.max_age_seconds,
        )
    ]
