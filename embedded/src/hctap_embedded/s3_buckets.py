"""The buckets that the S3 service finds again when it starts."""

from pathlib import Path
from typing import Final

# In the folder of its bucket; a folder is no object.
_MARK: Final = ".kept"


def keep_empty_buckets(data_folder: Path) -> None:
    """Let buckets that hold nothing be found again.

    MiniStack has a folder for each bucket of each account and takes an empty one for no bucket, so that one which was
    made a moment before the service was killed would be gone: programs that saw it would wait for it forever.
    """
    for bucket in data_folder.glob("[0-9]*/*"):
        if bucket.is_dir() and not any(bucket.iterdir()):
            (bucket / _MARK).mkdir()
