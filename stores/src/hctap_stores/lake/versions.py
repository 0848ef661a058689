"""Records in the lake that a newer program has written: they are neither read by half nor overwritten."""

import json

from hctap_core.errors import MigrationNeeded
from hctap_stores.lake.bucket import Bucket


def require_known(bucket: Bucket, key: str, field: str, known: int) -> None:
    """See that the record under a key, if there is one, is of a version that this program knows.

    Raises:
        MigrationNeeded: If it is of a newer one.
    """
    found = bucket.read(key)
    version = _version_of(found.data, field) if found else 0
    if version > known:
        raise MigrationNeeded(
            f"The object {key} in {bucket.name} has version {version}, newer than this program's {known}.",
            remedy="Update this program and give the same command again; the object is left as it is.",
        )


def _version_of(data: bytes, field: str) -> int:
    try:
        record = json.loads(data)
    except ValueError:
        return 0
    version = record.get(field) if isinstance(record, dict) else None
    return version if isinstance(version, int) else 0
