"""A lake of its own for each test, on every S3 service that is to be had.

The embedded one always is; a LocalStack where S3_LOCALSTACK_URL names one, as `make smoke` does.
"""

import os

import pytest

from hctap_embedded.stack import Stack
from hctap_stores.lake.address import LakeAddress
from hctap_stores.lake.bucket import Bucket
from hctap_stores.lake.lake import Lake

EMBEDDED = "embedded"
LOCALSTACK = "localstack"
LOCALSTACK_URL = os.environ.get("S3_LOCALSTACK_URL")


@pytest.fixture(params=[EMBEDDED, LOCALSTACK] if LOCALSTACK_URL else [EMBEDDED])
def service(request: pytest.FixtureRequest) -> str:
    """The S3 service that is asked; each answers the same."""
    return str(request.param)


@pytest.fixture
def address(service: str, request: pytest.FixtureRequest, buckets: tuple[str, str]) -> LakeAddress:
    """Where the service answers, and the names of two buckets that nobody has made yet."""
    raw_bucket, enriched_bucket = buckets
    if service == LOCALSTACK:
        return LakeAddress(raw_bucket, enriched_bucket, LOCALSTACK_URL, "us-east-1", "nobody", "nobody asks for it")
    stack: Stack = request.getfixturevalue("stack")
    environment = stack.addresses().environment()
    return LakeAddress(
        raw_bucket,
        enriched_bucket,
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        region=environment["AWS_DEFAULT_REGION"],
        access_key_id=environment["AWS_ACCESS_KEY_ID"],
        secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
    )


@pytest.fixture
def lake(address: LakeAddress) -> Lake:
    prepared = Lake(address)
    prepared.prepare()
    return prepared


@pytest.fixture
def bucket(lake: Lake) -> Bucket:
    return lake.raw
