"""Runs in LocalStack when it is ready: the buckets as `contracts/buckets.json` describes them; safe to run again."""

import json
import os
from pathlib import Path

import boto3

client = boto3.client(
    "s3",
    endpoint_url="http://127.0.0.1:4566",
    region_name="us-east-1",
    aws_access_key_id="test",
    aws_secret_access_key="test",
)
described = json.loads(Path(os.environ["HCTAP_BUCKETS"]).read_text())
for bucket in described["buckets"]:
    if not bucket["is_local"]:
        continue
    # In this region, to make a bucket that is there already is no error.
    client.create_bucket(Bucket=bucket["name"])
    for request, parameters in bucket["requests"].items():
        getattr(client, request)(Bucket=bucket["name"], **parameters)
for ignored in described["emulators_ignore"]:
    print(f"LocalStack ignores {ignored['what']}: {ignored['instead']}.")
