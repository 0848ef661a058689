"""What stands between the S3 service and everybody else.

MiniStack serves anybody who reaches its port, answers browsers of every origin, and has a path that wipes it.
Other users of the machine and pages in a browser reach ports of 127.0.0.1, so the guard lets in only requests that name
this stack's access key, which is a secret of its home. The second thing it refuses is a write that the disk has no room
for: MiniStack would say 200 and lose the object at its next start.
"""

import shutil
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from hctap_embedded.s3 import HEALTH_PATH

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Coroutine[Any, Any, None]]

# Room that the database needs to stay alive when the disk runs full.
RESERVE_BYTES = 64 << 20


def guard(application: Application, access_key_id: str, data_folder: Path) -> Application:
    """The application for those who know the access key, and for writes that fit on the disk."""

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] == HEALTH_PATH:
            await application(scope, receive, send)
        elif not _names_key(scope, access_key_id) or scope["path"].startswith("/_"):
            await _refuse(send, 403, "AccessDenied", "The access key is not the one of this stack.")
        elif scope["method"] in {"PUT", "POST"} and not _fits(scope, data_folder):
            # Not a 5xx: clients would try again for minutes.
            await _refuse(send, 413, "InsufficientStorage", "The disk that holds the objects is full.")
        else:
            await application(scope, receive, send)

    return guarded


def _names_key(scope: Scope, access_key_id: str) -> bool:
    header = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1")
    if f"Credential={access_key_id}/" in header or header.startswith(f"AWS {access_key_id}:"):
        return True
    query = parse_qs(scope["query_string"].decode("latin-1"))
    credential = query.get("X-Amz-Credential", [""])[0]
    return credential.startswith(f"{access_key_id}/") or query.get("AWSAccessKeyId") == [access_key_id]


def _fits(scope: Scope, data_folder: Path) -> bool:
    length = dict(scope["headers"]).get(b"content-length", b"0")
    return shutil.disk_usage(data_folder).free > RESERVE_BYTES + (int(length) if length.isdigit() else 0)


async def _refuse(send: Send, status: int, code: str, message: str) -> None:
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'
    headers = [(b"content-type", b"application/xml"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body.encode()})
