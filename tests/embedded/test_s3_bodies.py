"""The S3 service reads objects and their versions from the disk, and its memory does not grow with them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
import psutil
import pytest

from hctap_embedded.stack import Stack

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUCKET = "test-bodies"
MEGABYTE = 1 << 20


@pytest.fixture
def client(stack: Stack) -> "Iterator[S3Client]":
    """A client with a bucket of its own that keeps versions."""
    addresses = stack.addresses().environment()
    names = {"aws_access_key_id": "AWS_ACCESS_KEY_ID", "aws_secret_access_key": "AWS_SECRET_ACCESS_KEY"}
    given: dict[str, Any] = {name: addresses[variable] for name, variable in names.items()}
    opened = boto3.client("s3", endpoint_url=stack.addresses().s3_endpoint, region_name="us-east-1", **given)
    opened.create_bucket(Bucket=BUCKET)
    opened.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    yield opened
    for item in opened.list_object_versions(Bucket=BUCKET).get("Versions", ()):
        opened.delete_object(Bucket=BUCKET, Key=item["Key"], VersionId=item["VersionId"])
    opened.delete_bucket(Bucket=BUCKET)


def _memory_of_s3(stack: Stack) -> int:
    (pid,) = [status.pid for status in stack.status() if status.name == "s3"]
    return psutil.Process(pid).memory_info().rss


def test_memory_does_not_grow_with_what_is_written(stack: Stack, client: "S3Client") -> None:
    sizes = []
    for number in range(30):
        client.put_object(Bucket=BUCKET, Key=f"k{number}", Body=bytes([number]) * 4 * MEGABYTE)
        sizes.append(_memory_of_s3(stack))
    assert sizes[-1] - sizes[4] < 30 * MEGABYTE, "of 100 MB that came"
    for number in (0, 29):
        body = client.get_object(Bucket=BUCKET, Key=f"k{number}")["Body"].read()
        assert body == bytes([number]) * 4 * MEGABYTE


def test_each_version_is_still_there(client: "S3Client") -> None:
    texts = [b"one", b"", b"three"]
    numbers = [client.put_object(Bucket=BUCKET, Key="k", Body=text)["VersionId"] for text in texts]
    for number, text in zip(numbers, texts, strict=True):
        assert client.get_object(Bucket=BUCKET, Key="k", VersionId=number)["Body"].read() == text
    client.delete_object(Bucket=BUCKET, Key="k", VersionId=numbers[2])
    assert client.get_object(Bucket=BUCKET, Key="k")["Body"].read() == b""
    client.copy_object(Bucket=BUCKET, Key="copy", CopySource={"Bucket": BUCKET, "Key": "k", "VersionId": numbers[0]})
    assert client.get_object(Bucket=BUCKET, Key="copy")["Body"].read() == b"one"
