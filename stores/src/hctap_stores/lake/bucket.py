"""One bucket: list, read and write objects, many at once."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import obstore
from obstore.exceptions import AlreadyExistsError, PreconditionError
from obstore.store import S3Store

from hctap_core.errors import RunConflict
from hctap_stores.lake.address import LakeAddress
from hctap_stores.lake.faults import translated
from hctap_stores.lake.keys import is_plain_key
from hctap_stores.listing import ListedObject

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from obstore import BytesStream
    from obstore.store import RetryConfig

# Beyond eight requests at a time neither the embedded S3 nor a two-core client gets faster.
THREADS: Final = 8
_BLOCK_BYTES: Final = 1 << 20
# A service that is away is reported within seconds; a moment of weakness is waited out.
_RETRIES: "Final[RetryConfig]" = {"max_retries": 4, "retry_timeout": timedelta(seconds=20)}
_ONLY_ONE_TRY: "Final[RetryConfig]" = {"max_retries": 0, "retry_timeout": timedelta(seconds=5)}

Given = TypeVar("Given")
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class FetchedObject:
    """What an object holds; `metadata` is what the writer said of it, in lower-case names."""

    key: str
    etag: str
    data: bytes
    metadata: Mapping[str, str] = field(default_factory=dict)


def map_in_threads(work: Callable[[Given], Made], items: Iterable[Given]) -> Iterator[Made]:
    """The results of work on many items, in their order, a few at a time; the first error ends it."""
    ahead: deque[Future[Made]] = deque()
    pool = ThreadPoolExecutor(THREADS, thread_name_prefix="hctap-lake")
    try:
        for item in items:
            ahead.append(pool.submit(work, item))
            if len(ahead) >= THREADS * 4:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


class Bucket:
    """One bucket of the lake.

    Objects go through obstore, which takes a tenth of boto3's time a request; lists, and keys that obstore cannot
    spell (control characters, empty parts), go through boto3.
    """

    def __init__(self, name: str, address: LakeAddress, client: Callable[[], "S3Client"], *, patient: bool) -> None:
        self.name = name
        self._address = address
        self._client = client
        self._patient = patient

    def list(self, prefix: str = "", *, deep: bool = True) -> Iterator[ListedObject]:
        """The objects under a prefix by key; without `deep` only those with no further `/` in their key."""
        pages = self._client().get_paginator("list_objects_v2")
        options: dict[str, str] = {} if deep else {"Delimiter": "/"}
        with translated(self.name, self._address.name):
            for page in pages.paginate(Bucket=self.name, Prefix=prefix, **options):  # type: ignore[arg-type]
                for item in page.get("Contents", ()):
                    yield ListedObject(item["Key"], item["ETag"].strip('"'), item["Size"])

    def read(self, key: str, *, etag: str | None = None) -> FetchedObject | None:
        """The object under a key; None if there is none, or none with that etag."""
        try:
            with translated(self.name, self._address.name):
                return self._read(key, etag) if is_plain_key(key) else self._read_odd(key, etag)
        except FileNotFoundError:
            return None

    def read_range(self, key: str, etag: str, begin: int, size: int) -> bytes | None:
        """Some bytes of an object; None if there is none, or none with that etag."""
        if not is_plain_key(key):
            found = self.read(key, etag=etag)
            return None if found is None else found.data[begin : begin + size]
        options: obstore.GetOptions = {"if_match": f'"{etag}"', "range": (begin, begin + size)}
        try:
            with translated(self.name, self._address.name):
                try:
                    return bytes(obstore.get(self._store, key, options=options).bytes())
                except PreconditionError:
                    return None
        except FileNotFoundError:
            return None

    def read_all(self, keys: Iterable[str]) -> Iterator[FetchedObject | None]:
        """The objects under many keys, in their order; None where there is none."""
        return map_in_threads(self.read, keys)

    def write(self, key: str, data: bytes, metadata: Mapping[str, str] | None = None) -> None:
        """Write an object, over another if there is one."""
        with translated(self.name, self._address.name):
            obstore.put(self._store, key, data, attributes=dict(metadata or {}), use_multipart=False)

    def write_file(self, key: str, path: Path) -> None:
        """Write a file as an object, a part at a time."""
        with translated(self.name, self._address.name):
            obstore.put(self._store, key, path)

    def read_blocks(self, key: str) -> "Iterator[bytes] | None":
        """The object under a key, a block at a time; None if there is none."""
        try:
            with translated(self.name, self._address.name):
                found = obstore.get(self._store, key)
        except FileNotFoundError:
            return None
        return self._blocks(found.stream(min_chunk_size=_BLOCK_BYTES))

    def create(self, key: str, data: bytes | bytearray | memoryview, metadata: Mapping[str, str] | None = None) -> bool:
        """Write an object where there is none; False, with nothing written, where there is one."""
        with translated(self.name, self._address.name):
            try:
                obstore.put(self._store, key, data, attributes=dict(metadata or {}), mode="create")
            except AlreadyExistsError:
                return False
        return True

    def delete(self, key: str) -> None:
        """Delete an object; where the bucket is versioned, its versions stay."""
        with translated(self.name, self._address.name):
            obstore.delete(self._store, key)

    def erase(self, key: str, *, but_latest: bool = False) -> int:
        """Delete an object with all its versions, or all but the latest, and say how many; none is no error.

        Raises:
            StoreUnavailable: If the bucket does not answer, or refuses; given again, it goes on.
        """
        pages = self._client().get_paginator("list_object_versions")
        erased = 0
        with translated(self.name, self._address.name):
            for page in pages.paginate(Bucket=self.name, Prefix=key):
                for item in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
                    if item["Key"] == key and not (but_latest and item["IsLatest"]):
                        self._client().delete_object(Bucket=self.name, Key=key, VersionId=item["VersionId"])
                        erased += 1
        return erased

    def settle(self, key: str, data: bytes | bytearray | memoryview) -> None:
        """See that an object has this content: write it where there is none, compare it where there is one.

        Raises:
            RunConflict: If the object holds something else; it is left as it is.
        """
        if self.create(key, data):
            return
        there = self.read(key)
        if there is None or there.data != data:
            raise RunConflict(
                f"The object {key} in {self.name} holds something else than this run wrote.",
                remedy="Give the run another id, or move the object away.",
            )

    def find_version(self, key: str, etag: str) -> str | None:
        """The newest version of an object that had an etag; None if there is none any more."""
        pages = self._client().get_paginator("list_object_versions")
        with translated(self.name, self._address.name):
            for page in pages.paginate(Bucket=self.name, Prefix=key):
                for item in page.get("Versions", ()):
                    if item["Key"] == key and item["ETag"].strip('"') == etag:
                        return item["VersionId"]
        return None

    def read_version(self, key: str, version: str) -> bytes | None:
        """What an object held at a version; None if that is gone."""
        try:
            with translated(self.name, self._address.name):
                return self._client().get_object(Bucket=self.name, Key=key, VersionId=version)["Body"].read()
        except FileNotFoundError:
            return None

    def check(self) -> None:
        """See that the bucket is there and may be read, in one try.

        Raises:
            StoreUnavailable: If it is not.
        """
        with translated(self.name, self._address.name):
            self._client().list_objects_v2(Bucket=self.name, MaxKeys=1)

    def _blocks(self, stream: "BytesStream") -> Iterator[bytes]:
        with translated(self.name, self._address.name):
            for block in stream:
                yield bytes(block)

    @cached_property
    def _store(self) -> S3Store:
        address = self._address
        options: dict[str, Any] = {"endpoint": address.endpoint_url, "region": address.region}
        if address.access_key_id:
            options |= {
                "access_key_id": address.access_key_id,
                "secret_access_key": address.secret_access_key,
                "session_token": address.session_token,
            }
        else:
            from obstore.auth.boto3 import Boto3CredentialProvider

            # AWS: whatever boto3 finds (task role, profile, single sign-on), obstore gets.
            options["credential_provider"] = Boto3CredentialProvider()
        return S3Store(
            self.name,
            client_options={"allow_http": True, "connect_timeout": "5s", "timeout": "60s"},
            retry_config=_RETRIES if self._patient else _ONLY_ONE_TRY,
            **{name: value for name, value in options.items() if value is not None},
        )

    def _read(self, key: str, etag: str | None) -> FetchedObject | None:
        try:
            answer = obstore.get(self._store, key, options={"if_match": f'"{etag}"'} if etag else {})
        except PreconditionError:
            return None
        data = bytes(answer.bytes())
        attributes = {name.lower(): value for name, value in answer.attributes.items()}
        return FetchedObject(key, (answer.meta["e_tag"] or "").strip('"'), data, attributes)

    def _read_odd(self, key: str, etag: str | None) -> FetchedObject | None:
        answer = self._client().get_object(Bucket=self.name, Key=key)
        found = FetchedObject(key, answer["ETag"].strip('"'), answer["Body"].read(), answer["Metadata"])
        return found if etag in (None, found.etag) else None
