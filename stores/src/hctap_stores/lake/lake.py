"""The lake: the bucket of raw notes and the bucket of what was found in them."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

from hctap_core.buckets import find_bucket
from hctap_core.runs import MANIFEST_VERSION, Manifest
from hctap_stores.lake.address import LakeAddress
from hctap_stores.lake.bucket import Bucket
from hctap_stores.lake.faults import translated
from hctap_stores.lake.keys import LATEST_KEY, MARK_KEY, manifest_key
from hctap_stores.lake.versions import require_known

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class Lake:
    """Both buckets, and what concerns them together.

    `patient` clients wait some seconds for a service that hesitates; a readiness check does not.
    """

    def __init__(self, address: LakeAddress, *, patient: bool = True) -> None:
        self.address = address
        self._patient = patient
        self.raw = Bucket(address.raw_bucket, address, lambda: self._client, patient=patient)
        self.enriched = Bucket(address.enriched_bucket, address, lambda: self._client, patient=patient)

    def check(self) -> None:
        """See that both buckets are there and may be read.

        Raises:
            StoreUnavailable: If one is not.
        """
        for bucket in (self.raw, self.enriched):
            bucket.check()

    def prepare(self) -> None:
        """Make the buckets that are missing, as `hctap_core.buckets` describes them.

        On an emulator the configuration is applied each time, since emulators forget it; in AWS a bucket that exists
        belongs to the infrastructure and is left as it is.
        """
        for role, name in (("raw", self.address.raw_bucket), ("enriched", self.address.enriched_bucket)):
            with translated(name, self.address.name):
                is_new = self._make(name)
                if is_new or self.address.endpoint_url:
                    self._configure(name, role)

    def has_forgotten(self) -> bool:
        """Whether the service was started anew since the lake was marked, and has lost what it held."""
        return self.address.forgets and self.raw.read(MARK_KEY) is None

    def mark(self) -> None:
        """Mark the lake as holding what it should; the mark goes with everything else when the service forgets."""
        if self.address.forgets:
            self.raw.write(MARK_KEY, b"")

    def publish(self, manifest: Manifest, *, is_latest: bool) -> None:
        """Write a finished run's manifest and then, if no later run has finished, make it the latest.

        Raises:
            MigrationNeeded: If one of the two stands there in a newer version; then nothing is written.
        """
        for key in (manifest_key(manifest.run_id), LATEST_KEY):
            require_known(self.enriched, key, "manifest_version", MANIFEST_VERSION)
        data = manifest.model_dump_json(indent=2).encode() + b"\n"
        self.enriched.write(manifest_key(manifest.run_id), data, {"Content-Type": "application/json"})
        if is_latest:
            self.enriched.write(LATEST_KEY, data, {"Content-Type": "application/json"})

    @cached_property
    def _client(self) -> "S3Client":
        import boto3
        from botocore.config import Config

        address = self.address
        # boto3's own session keeps the keys that it found first, whatever the environment says later.
        make = boto3.client if address.access_key_id else boto3.Session().client
        return make(
            "s3",
            endpoint_url=address.endpoint_url,
            region_name=address.region,
            aws_access_key_id=address.access_key_id,
            aws_secret_access_key=address.secret_access_key,
            aws_session_token=address.session_token,
            config=Config(
                connect_timeout=5,
                read_timeout=60,
                retries={"total_max_attempts": 4 if self._patient else 1, "mode": "standard"},
                s3={"addressing_style": "path" if address.endpoint_url else "auto"},
            ),
        )

    def _make(self, name: str) -> bool:
        try:
            with translated(name, self.address.name):
                self._client.head_bucket(Bucket=name)
        except FileNotFoundError:
            region = self._client.meta.region_name
            place: dict[str, Any] = {"CreateBucketConfiguration": {"LocationConstraint": region}}
            self._client.create_bucket(Bucket=name, **({} if region in (None, "us-east-1") else place))
            return True
        return False

    def _configure(self, name: str, role: str) -> None:
        for request, parameters in find_bucket(role).requests().items():
            getattr(self._client, request)(Bucket=name, **parameters)
