import asyncio
import http.client
import shutil
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest

from hctap_embedded.s3 import HEALTH_PATH
from hctap_embedded.s3_guard import RESERVE_BYTES, Receive, Scope, Send, guard
from hctap_embedded.stack import Stack

KEY = "HCTAPKEY"
SIGNED = [(b"authorization", f"AWS4-HMAC-SHA256 Credential={KEY}/20260101/us-east-1/s3/aws4_request".encode())]


def ask(folder: Path, method: str, path: str, headers: Iterable[tuple[bytes, bytes]] = (), query: bytes = b"") -> int:
    """The status of the guard's answer, with an application behind it that says 200 to everything."""
    statuses: list[int] = []

    async def accept(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200})

    async def receive() -> dict[str, Any]:
        return {}

    async def send(message: Any) -> None:
        statuses.append(message.get("status", 0))

    scope = {"type": "http", "method": method, "path": path, "headers": list(headers), "query_string": query}
    asyncio.run(guard(accept, KEY, folder)(scope, receive, send))
    return statuses[0]


@pytest.mark.parametrize(
    ("method", "path", "headers", "query", "status"),
    [
        ("GET", "/bucket/key", SIGNED, b"", 200),
        ("PUT", "/bucket/key", [*SIGNED, (b"content-length", b"10")], b"", 200),
        ("GET", "/bucket/key", [(b"authorization", f"AWS {KEY}:signature".encode())], b"", 200),
        ("GET", "/bucket/key", [], f"X-Amz-Credential={KEY}%2F20260101%2Fus-east-1".encode(), 200),
        ("GET", "/bucket/key", [], f"AWSAccessKeyId={KEY}&Signature=x".encode(), 200),
        ("GET", HEALTH_PATH, [], b"", 200),
        ("GET", "/", [], b"", 403),
        ("GET", "/bucket/key", [], b"", 403),
        ("OPTIONS", "/bucket/key", [(b"origin", b"https://example.org")], b"", 403),
        ("GET", "/bucket/key", [(b"authorization", b"AWS4-HMAC-SHA256 Credential=test/20260101/us")], b"", 403),
        ("GET", "/bucket/key", [(b"authorization", f"AWS4-HMAC-SHA256 Credential={KEY}2/2026".encode())], b"", 403),
        ("GET", "/bucket/key", [], b"X-Amz-Credential=test%2F20260101", 403),
        ("POST", "/_ministack/reset", SIGNED, b"", 403),
    ],
)
def test_only_the_own_key_opens(
    tmp_path: Path, method: str, path: str, headers: list[tuple[bytes, bytes]], query: bytes, status: int
) -> None:
    assert ask(tmp_path, method, path, headers, query) == status


@pytest.mark.parametrize(
    ("method", "free", "status"),
    [("PUT", RESERVE_BYTES + 9, 413), ("PUT", RESERVE_BYTES + 11, 200), ("POST", 0, 413), ("GET", 0, 200)],
)
def test_what_the_disk_cannot_hold_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str, free: int, status: int
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    assert ask(tmp_path, method, "/bucket/key", [*SIGNED, (b"content-length", b"10")]) == status


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", HEALTH_PATH, 200), ("GET", "/", 403), ("PUT", "/bucket", 403), ("POST", "/_ministack/reset", 403)],
)
def test_strangers_stay_outside_of_the_real_service(stack: Stack, method: str, path: str, status: int) -> None:
    address = urlsplit(stack.addresses().s3_endpoint)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)
    connection.request(method, path)
    response = connection.getresponse()
    response.read()
    connection.close()
    assert response.status == status
