from collections.abc import Callable
from dataclasses import replace

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError
from obstore.exceptions import GenericError, PermissionDeniedError

from hctap_core.errors import StoreUnavailable
from hctap_stores.lake.address import LakeAddress
from hctap_stores.lake.faults import translated
from hctap_stores.lake.lake import Lake

ASK: dict[str, Callable[[Lake], object]] = {
    "check": lambda lake: lake.check(),
    "prepare": lambda lake: lake.prepare(),
    "list": lambda lake: list(lake.raw.list()),
    "read": lambda lake: lake.raw.read("k"),
    "read an odd key": lambda lake: lake.raw.read("k\x01"),
    "write": lambda lake: lake.raw.write("k", b"x"),
    "create": lambda lake: lake.raw.create("k", b"x"),
}


@pytest.mark.parametrize("ask", ASK.values(), ids=ASK)
def test_a_service_that_is_away_is_named(address: LakeAddress, ask: Callable[[Lake], object]) -> None:
    away = Lake(replace(address, endpoint_url="http://127.0.0.1:1"), patient=False)
    with pytest.raises(StoreUnavailable, match=r"does not answer at http://127.0.0.1:1.*make up"):
        ask(away)


@pytest.mark.parametrize("ask", ASK.values(), ids=ASK)
def test_a_wrong_key_is_named(lake: Lake, address: LakeAddress, service: str, ask: Callable[[Lake], object]) -> None:
    if service == "localstack":
        pytest.skip("LocalStack lets every key in")
    assert lake.address == address
    stranger = Lake(replace(address, access_key_id="AKIANOBODY"), patient=False)
    with pytest.raises(StoreUnavailable, match="refuses access to the bucket"):
        ask(stranger)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (PermissionDeniedError("status code: 403"), "refuses access"),
        (GenericError("Server returned non-2xx status code: 507 Insufficient Storage"), "disk of S3 .* is full"),
        (GenericError("Server returned non-2xx status code: 500 Internal Server Error"), "fails to answer"),
        (GenericError("HTTP error: error sending request"), "does not answer"),
        (GenericError("HTTP error for url (http://s3/raw-403e507/k) after 507ms"), "does not answer"),
        (NoCredentialsError(), "no credentials"),
        (EndpointConnectionError(endpoint_url="http://x"), "does not answer"),
        (ClientError({"Error": {"Code": "AccessDenied"}}, "PutObject"), "refuses access"),
        (ClientError({"Error": {"Code": "NoSuchBucket"}}, "PutObject"), "no bucket"),
        (ClientError({"Error": {"Code": "SlowDown"}}, "PutObject"), "fails to answer"),
        (FileNotFoundError("<Code>NoSuchBucket</Code>"), "no bucket"),
    ],
)
def test_what_the_libraries_say_is_told_in_our_words(error: Exception, said: str) -> None:
    with pytest.raises(StoreUnavailable, match=said) as caught, translated("b", "http://s3"):
        raise error
    assert caught.value.remedy
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    "error",
    [FileNotFoundError("<Code>NoSuchKey</Code>"), ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject")],
)
def test_a_missing_object_stays_a_missing_file(error: Exception) -> None:
    with pytest.raises(FileNotFoundError), translated("b", "http://s3"):
        raise error
