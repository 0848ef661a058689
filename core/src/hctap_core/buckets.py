"""What the buckets are: one description that the lake, LocalStack's init and the infrastructure all read.

Its generated copy is `contracts/buckets.json`. The infrastructure takes a bucket's fields; who speaks to an S3 service
takes its `requests`, which are spelled as the S3 API spells them.
"""

import json
from enum import StrEnum
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict

Requests = dict[str, dict[str, Any]]


class Environment(StrEnum):
    """Where a bucket lies; `local` is an emulator of S3 on this machine."""

    LOCAL = "local"
    DEV = "dev"
    STAGING = "staging"
    PROD = "prod"


class StorageClass(StrEnum):
    """Where S3 keeps what has aged. Glacier is the instant kind: an older run's offsets must lead to a text at once."""

    INFREQUENT = "STANDARD_IA"
    GLACIER = "GLACIER_IR"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Transition(_Part):
    """What is older than this goes to another storage class."""

    after_days: int
    storage_class: StorageClass


class Lifecycle(_Part):
    """How a bucket's objects age; where no expiry is given for an environment, its objects stay."""

    transitions: tuple[Transition, ...] = ()
    expires_after_days: dict[Environment, int] = {}
    versions_expire_after_days: int = 90
    abort_uploads_after_days: int = 7

    def transitions_in(self, environment: Environment) -> tuple[Transition, ...]:
        """Those that come before the expiry; S3 refuses others."""
        expiry = self.expires_after_days.get(environment)
        return tuple(t for t in self.transitions if expiry is None or t.after_days < expiry)


class Cors(_Part):
    """Which pages in a browser may speak to the bucket; in AWS the origin is the dashboard's own address."""

    methods: tuple[Literal["GET", "HEAD", "PUT", "POST"], ...]
    local_origins: tuple[str, ...]
    headers: tuple[str, ...] = ("*",)
    exposed_headers: tuple[str, ...] = ("ETag",)
    max_age_seconds: int = 3600


class Bucket(_Part):
    """One bucket. In AWS `-{environment}-{account}-{region}` follows its name, and a KMS key encrypts it."""

    role: Literal["raw", "enriched", "lineage", "artifacts", "logs"]
    name: str
    holds: str
    is_local: bool = False
    is_versioned: bool = True
    is_logged: bool = True
    notifies_eventbridge: bool = False
    encryption_in_aws: Literal["aws:kms", "AES256"] = "aws:kms"
    lifecycle: Lifecycle
    cors: Cors | None = None

    def requests(self) -> Requests:
        """Configuration of the local environment: parameters by the name of the request, the bucket's name left out."""
        made: Requests = {
            "put_bucket_versioning": {
                "VersioningConfiguration": {"Status": "Enabled" if self.is_versioned else "Suspended"}
            },
            "put_public_access_block": {"PublicAccessBlockConfiguration": dict.fromkeys(_BLOCKS, True)},
            "put_bucket_encryption": {"ServerSideEncryptionConfiguration": {"Rules": [_LOCAL_ENCRYPTION]}},
            "put_bucket_lifecycle_configuration": {
                "LifecycleConfiguration": {"Rules": [_lifecycle_rule(self.lifecycle, Environment.LOCAL)]}
            },
        }
        if self.notifies_eventbridge:
            made["put_bucket_notification_configuration"] = {
                "NotificationConfiguration": {"EventBridgeConfiguration": {}}
            }
        if self.cors:
            made["put_bucket_cors"] = {"CORSConfiguration": {"CORSRules": [_cors_rule(self.cors)]}}
        return made


class Ignored(_Part):
    """Something that the description asks for and an emulator does not do.

    `applied`: whether the local environment is told of it at all.
    """

    what: str
    applied: bool
    instead: str


_BLOCKS: Final = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
_LOCAL_ENCRYPTION: Final = {
    "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
    "BucketKeyEnabled": True,
}
_AGEING: Final = (
    Transition(after_days=30, storage_class=StorageClass.INFREQUENT),
    Transition(after_days=90, storage_class=StorageClass.GLACIER),
)
_DOCUMENTS_EXPIRE: Final = {Environment.DEV: 30, Environment.STAGING: 90, Environment.PROD: 365}
_LOGS_EXPIRE: Final = {Environment.DEV: 90, Environment.STAGING: 90, Environment.PROD: 90}

BUCKETS: Final = (
    Bucket(
        role="raw",
        name="hc-tap-raw-notes",
        holds="notes as they came, batches, refused records",
        is_local=True,
        notifies_eventbridge=True,
        lifecycle=Lifecycle(transitions=_AGEING, expires_after_days=_DOCUMENTS_EXPIRE),
        cors=Cors(methods=("GET", "HEAD", "PUT", "POST"), local_origins=("http://127.0.0.1:*", "http://localhost:*")),
    ),
    Bucket(
        role="enriched",
        name="hc-tap-enriched-entities",
        holds="entities, data products, manifests, surrogates, quarantine of runs",
        is_local=True,
        lifecycle=Lifecycle(transitions=_AGEING, expires_after_days=_DOCUMENTS_EXPIRE),
    ),
    Bucket(
        role="lineage",
        name="hc-tap-lineage",
        holds="OpenLineage events copied out of the enriched bucket",
        lifecycle=Lifecycle(transitions=_AGEING, expires_after_days=_DOCUMENTS_EXPIRE),
    ),
    Bucket(
        role="artifacts",
        name="hc-tap-artifacts",
        holds="compiled vocabularies, models, reports",
        lifecycle=Lifecycle(transitions=_AGEING),
    ),
    Bucket(
        role="logs",
        name="hc-tap-logs",
        holds="access logs of the buckets and of the load balancer",
        is_logged=False,
        encryption_in_aws="AES256",  # the load balancer cannot write to a bucket with a key of one's own
        lifecycle=Lifecycle(expires_after_days=_LOGS_EXPIRE),
    ),
)

EMULATORS_IGNORE: Final = (
    Ignored(what="transitions and expiry of the lifecycle", applied=True, instead="kept; nothing moves or ends"),
    Ignored(what="encryption with a KMS key", applied=False, instead="AES256 is set; objects lie as they are"),
    Ignored(what="public access block", applied=True, instead="kept; ports are on 127.0.0.1 alone"),
    Ignored(what="who may do what (IAM, bucket policies)", applied=False, instead="any key is let in by LocalStack"),
    Ignored(what="refusal of plain HTTP", applied=False, instead="the emulator is spoken to over HTTP"),
    Ignored(what="access logs", applied=False, instead="no log bucket is made"),
    Ignored(what="events of EventBridge", applied=True, instead="kept; no rule listens"),
    Ignored(what="replication to another region", applied=False, instead="there is one region"),
    Ignored(what="the buckets lineage, artifacts and logs", applied=False, instead="not made; nothing local uses them"),
)


def find_bucket(role: str) -> Bucket:
    """The bucket that has a role."""
    return next(bucket for bucket in BUCKETS if bucket.role == role)


def render_buckets() -> str:
    """The description as the text of `contracts/buckets.json`; local buckets bring their requests along."""
    buckets = [
        bucket.model_dump(mode="json") | ({"requests": bucket.requests()} if bucket.is_local else {})
        for bucket in BUCKETS
    ]
    described = {
        "schema_version": 1,
        "buckets": buckets,
        "emulators_ignore": [ignored.model_dump(mode="json") for ignored in EMULATORS_IGNORE],
    }
    return json.dumps(described, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def _lifecycle_rule(lifecycle: Lifecycle, environment: Environment) -> dict[str, Any]:
    rule: dict[str, Any] = {
        "ID": "ageing",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": lifecycle.abort_uploads_after_days},
        "NoncurrentVersionExpiration": {"NoncurrentDays": lifecycle.versions_expire_after_days},
    }
    if transitions := lifecycle.transitions_in(environment):
        rule["Transitions"] = [{"Days": t.after_days, "StorageClass": t.storage_class.value} for t in transitions]
    if days := lifecycle.expires_after_days.get(environment):
        rule["Expiration"] = {"Days": days}
    return rule


def _cors_rule(cors: Cors) -> dict[str, Any]:
    return {
        "AllowedMethods": list(cors.methods),
        "AllowedOrigins": list(cors.local_origins),
        "AllowedHeaders": list(cors.headers),
        "ExposeHeaders": list(cors.exposed_headers),
        "MaxAgeSeconds": cors.max_age_seconds,
    }
