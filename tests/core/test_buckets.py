"""The description of the buckets: what S3 would refuse cannot be written, and every environment is thought of."""

import json

import pytest

from hctap_core.buckets import BUCKETS, EMULATORS_IGNORE, Bucket, Environment, find_bucket, render_buckets


@pytest.mark.parametrize("bucket", BUCKETS, ids=lambda bucket: bucket.role)
@pytest.mark.parametrize("environment", Environment)
def test_nothing_moves_on_the_day_it_ends_or_later(bucket: Bucket, environment: Environment) -> None:
    expiry = bucket.lifecycle.expires_after_days.get(environment)
    days = [transition.after_days for transition in bucket.lifecycle.transitions_in(environment)]
    assert days == sorted(days)
    assert expiry is None or all(day < expiry for day in days)


@pytest.mark.parametrize(
    ("environment", "days"),
    [(Environment.LOCAL, [30, 90]), (Environment.DEV, []), (Environment.STAGING, [30]), (Environment.PROD, [30, 90])],
)
def test_notes_age_by_environment(environment: Environment, days: list[int]) -> None:
    lifecycle = find_bucket("raw").lifecycle
    assert [transition.after_days for transition in lifecycle.transitions_in(environment)] == days


def test_nothing_expires_on_the_machine_of_a_developer() -> None:
    for bucket in BUCKETS:
        assert Environment.LOCAL not in bucket.lifecycle.expires_after_days
        (rule,) = bucket.requests()["put_bucket_lifecycle_configuration"]["LifecycleConfiguration"]["Rules"]
        assert "Expiration" not in rule


def test_every_local_bucket_brings_its_requests_and_no_other_does() -> None:
    described = json.loads(render_buckets())
    assert {bucket["role"] for bucket in described["buckets"] if "requests" in bucket} == {"raw", "enriched"}
    assert len(described["emulators_ignore"]) == len(EMULATORS_IGNORE)


def test_pages_of_this_machine_alone_may_speak_to_the_raw_bucket() -> None:
    (rule,) = find_bucket("raw").requests()["put_bucket_cors"]["CORSConfiguration"]["CORSRules"]
    assert all(origin.startswith(("http://127.0.0.1:", "http://localhost:")) for origin in rule["AllowedOrigins"])
    assert find_bucket("enriched").cors is None
