"""What has to go before the stacks of an unprotected environment can: the objects of its buckets."""

from collections.abc import Iterator

from hctap_core.errors import SettingsInvalid
from hctap_infra.operations.account import Account

BUCKETS = ("RawBucket", "EnrichedBucket", "LineageBucket", "ArtifactsBucket", "LogsBucket")


def empty_buckets(account: Account) -> Iterator[tuple[str, int]]:
    """Delete every version of every object; says the buckets with how many there were.

    Raises:
        SettingsInvalid: If the environment is protected.
    """
    if account.environment.is_protected:
        raise SettingsInvalid(
            f"{account.environment.name} is protected: its buckets stay when its stacks go.",
            remedy="See docs/runbooks/destroy.md for what to save and how to go on.",
        )
    s3 = account.client("s3")
    for output in BUCKETS:
        bucket = account.output(output)
        deleted = 0
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
            found = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
            objects = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in found]
            if objects:
                s3.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
            deleted += len(objects)
        yield bucket, deleted
