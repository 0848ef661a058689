"""A lake of its own for each test."""

import pytest

from hctap_embedded.stack import Stack
from hctap_stores.lake.address import LakeAddress
from hctap_stores.lake.bucket import Bucket
from hctap_stores.lake.lake import Lake


@pytest.fixture
def address(stack: Stack, buckets: tuple[str, str]) -> LakeAddress:
    environment = stack.addresses().environment()
    return LakeAddress(
        raw_bucket=buckets[0],
        enriched_bucket=buckets[1],
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
