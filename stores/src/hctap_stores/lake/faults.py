"""What S3 says when it cannot do something, in the project's own errors.

The words of the libraries are read and not passed on: they are long, and nobody promises what stands in them.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError

from hctap_core.errors import PlatformError, StoreUnavailable

AGAIN: Final = "then give the same command again: it continues where it stopped."
# A number counts only where it is the answer's status: addresses, bucket names and timings have numbers, too.
_REFUSED: Final = re.compile(
    r"AccessDenied|SignatureDoesNotMatch|InvalidAccessKeyId|ExpiredToken|Forbidden|status code: 403|^403$"
)
_FULL: Final = re.compile(r"status code: 507|^507$|InsufficientStorage|No space left|XMinioStorageFull")


@contextmanager
def translated(bucket: str, address: str) -> Iterator[None]:
    """Turn every error of the drivers into one of ours; a missing object stays a FileNotFoundError.

    Raises:
        StoreUnavailable: If the store is away, closed or full, or the bucket is missing.
    """
    try:
        yield
    except FileNotFoundError as error:
        if "NoSuchBucket" in str(error):
            raise _no_bucket(bucket, address) from None
        raise FileNotFoundError(bucket) from None
    except (PermissionDeniedError, UnauthenticatedError):
        raise _refused(bucket, address) from None
    except (NoCredentialsError, PartialCredentialsError):
        raise StoreUnavailable(
            "There are no credentials for S3.",
            remedy="Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or start the stack with `make up`.",
        ) from None
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in {"NoSuchKey", "404", "NotFound"}:
            raise FileNotFoundError(bucket) from None
        raise _by_words(code, bucket, address) from None
    except (BaseError, BotoCoreError) as error:
        raise _by_words(str(error), bucket, address) from None


def _by_words(words: str, bucket: str, address: str) -> PlatformError:
    if "NoSuchBucket" in words:
        return _no_bucket(bucket, address)
    if _REFUSED.search(words):
        return _refused(bucket, address)
    if _FULL.search(words):
        return StoreUnavailable(f"The disk of S3 at {address} is full.", remedy=f"Free some space, {AGAIN}")
    if "status code: 5" in words or words in {"InternalError", "SlowDown", "ServiceUnavailable", "500", "503"}:
        return StoreUnavailable(
            f"S3 at {address} fails to answer for the bucket {bucket}.",
            remedy=f"See whether its disk is full and what its log says, {AGAIN}",
        )
    return StoreUnavailable(
        f"S3 does not answer at {address}.",
        remedy="Start the stack with `make up`, or set AWS_ENDPOINT_URL.",
    )


def _no_bucket(bucket: str, address: str) -> StoreUnavailable:
    return StoreUnavailable(
        f"S3 at {address} has no bucket {bucket}.",
        remedy="Make it with `hctap-etl lake prepare`, or correct HCTAP_RAW_BUCKET and HCTAP_ENRICHED_BUCKET.",
    )


def _refused(bucket: str, address: str) -> StoreUnavailable:
    return StoreUnavailable(
        f"S3 at {address} refuses access to the bucket {bucket}.",
        remedy="Correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or grant their owner the right.",
    )
