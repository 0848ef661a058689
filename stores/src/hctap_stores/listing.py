"""What a listing of a bucket says of an object: the word that the lake and the catalogue share."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ListedObject:
    """One object of a bucket; `etag` is as the store gives it, without quotation marks."""

    key: str
    etag: str
    bytes: int
