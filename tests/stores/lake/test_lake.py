from dataclasses import replace
from datetime import UTC, datetime

import pytest

from hctap_core.buckets import find_bucket
from hctap_core.errors import StoreUnavailable
from hctap_core.runs import Manifest, Pipeline, RunCounts, RunStatus
from hctap_stores.lake.address import LakeAddress
from hctap_stores.lake.bucket import Bucket
from hctap_stores.lake.lake import Lake

MOMENT = datetime(2026, 1, 2, tzinfo=UTC)


def _manifest(run_id: str) -> Manifest:
    pipeline = Pipeline(extractor="rules", extractor_version="1", code_version="1")
    return Manifest(
        run_id=run_id,
        status=RunStatus.SUCCEEDED,
        extractor="rules",
        ts=MOMENT,
        ts_started=MOMENT,
        ts_finished=MOMENT,
        note_count=1,
        entity_count=2,
        error_rate=0,
        errors=0,
        counts=RunCounts(notes=1),
        pipeline=pipeline,
        pipeline_hash=pipeline.hash,
        parts=(),
    )


def _read(bucket: Bucket, key: str) -> Manifest:
    found = bucket.read(key)
    assert found
    return Manifest.model_validate_json(found.data)


def test_prepared_buckets_are_as_described(address: LakeAddress) -> None:
    lake = Lake(address)
    lake.prepare()
    lake.prepare()
    lake.check()
    client = lake._client
    for name, role in ((address.raw_bucket, "raw"), (address.enriched_bucket, "enriched")):
        asked = find_bucket(role).requests()
        assert client.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
        blocked = client.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
        assert set(blocked.values()) == {True}
        (rule,) = client.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
        assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
        rules = client.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]
        assert rules == asked["put_bucket_lifecycle_configuration"]["LifecycleConfiguration"]["Rules"]
    (cors,) = client.get_bucket_cors(Bucket=address.raw_bucket)["CORSRules"]
    assert [cors] == find_bucket("raw").requests()["put_bucket_cors"]["CORSConfiguration"]["CORSRules"]
    told = client.get_bucket_notification_configuration(Bucket=address.raw_bucket)
    assert told["EventBridgeConfiguration"] == {}


def test_buckets_can_be_made_in_another_region(address: LakeAddress) -> None:
    lake = Lake(replace(address, region="eu-central-1"))
    lake.prepare()
    assert lake._client.get_bucket_location(Bucket=address.raw_bucket)["LocationConstraint"] == "eu-central-1"


def test_a_manifest_is_latest_only_if_it_is(lake: Lake) -> None:
    lake.publish(_manifest("A"), is_latest=True)
    lake.publish(_manifest("B"), is_latest=False)
    assert _read(lake.enriched, "runs/A/manifest.json") == _manifest("A")
    assert _read(lake.enriched, "runs/B/manifest.json") == _manifest("B")
    assert _read(lake.enriched, "runs/latest.json") == _manifest("A")


def test_a_missing_bucket_is_named_with_the_remedy(address: LakeAddress) -> None:
    lake = Lake(address)
    for ask in (
        lake.check,
        lambda: lake.raw.read("k"),
        lambda: lake.raw.write("k", b""),
        lambda: list(lake.raw.list()),
    ):
        with pytest.raises(StoreUnavailable, match=f"no bucket {address.raw_bucket}.*hctap-etl lake prepare"):
            ask()


def test_without_keys_the_environment_is_asked(address: LakeAddress, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", str(address.access_key_id))
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", str(address.secret_access_key))
    lake = Lake(replace(address, access_key_id=None, secret_access_key=None))
    lake.prepare()
    lake.raw.write("k", b"x")
    assert lake.raw.read("k") is not None


def test_an_address_does_not_show_its_secret(address: LakeAddress) -> None:
    assert address.secret_access_key
    assert address.secret_access_key not in repr(address)
