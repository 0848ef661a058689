"""What the S3 service holds in memory of the objects that it has on the disk: nothing."""


def keep_bodies_on_disk() -> None:
    """Let the bytes of an object leave the memory once they are on the disk.

    In a bucket with versions MiniStack keeps those of every version until it ends, so that it held all that a run had
    written. It reads them from the disk where it has them no more, as after a start.
    """
    # It looks for the buckets on the disk as soon as it is imported, and by then they must be as they shall be found.
    from ministack.services import s3

    persist = s3._persist_object  # noqa: SLF001 - nothing public knows when an object is on the disk

    def persist_and_forget(bucket: str, key: str, record: object) -> None:
        persist(bucket, key, record)
        # It takes the bytes out of the record itself when they were written.
        if isinstance(record, dict) and record.get("body") is None:
            number = record.get("version_id") or "null"
            for version in s3._object_versions.get((bucket, key)) or ():  # noqa: SLF001 - the same
                if version["version_id"] == number:
                    version["data"] = None

    s3._persist_object = persist_and_forget  # noqa: SLF001 - the same
